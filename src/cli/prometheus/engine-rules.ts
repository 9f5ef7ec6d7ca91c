import type { RefusedRule } from '../../ledger/prometheus-files.js';
import { messageOf } from '../../lib/errors.js';

const withinMs = 30_000;
const shownCharacters = 300;

/** The rules that an engine gives. Each method throws an error for people where it does not answer. */
export interface EngineRules {
  /** Reads the rule file; without a text where the version is the one that is known. */
  read(known: string | undefined): Promise<{ readonly tag: string; readonly text?: string }>;
  /** Reports the rules that Prometheus refuses. */
  report(rules: readonly RefusedRule[]): Promise<void>;
}

/**
 * Creates a client of an engine's rules.
 *
 * @param options.token the viewer or the admin token; left out, only an engine on this machine answers
 */
export function createEngineRules(options: {
  readonly url: string;
  readonly token: string | undefined;
}): EngineRules {
  const url = options.url.replace(/\/+$/, '');
  const authorization: Record<string, string> =
    options.token === undefined ? {} : { authorization: `Bearer ${options.token}` };

  async function call(path: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(`${url}${path}`, {
        ...init,
        headers: { ...authorization, ...(init.headers as Record<string, string>) },
        redirect: 'error',
        signal: AbortSignal.timeout(withinMs),
      });
    } catch (error) {
      throw new Error(`no engine answers at ${url}: ${messageOf(error)}; check --engine`);
    }
  }

  async function refusal(path: string, answer: Response): Promise<Error> {
    const text = (await answer.text()).slice(0, shownCharacters);
    return new Error(`${url}${path} answered ${answer.status}: ${text}`);
  }

  return {
    async read(known) {
      const headers: Record<string, string> = known === undefined ? {} : { 'if-none-match': known };
      const answer = await call('/prometheus/rules', { headers });
      const tag = answer.headers.get('etag') ?? '';
      if (answer.status === 304) return { tag };
      if (!answer.ok) throw await refusal('/prometheus/rules', answer);
      return { tag, text: await answer.text() };
    },

    async report(rules) {
      const answer = await call('/prometheus/refused', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ rules }),
      });
      if (!answer.ok) throw await refusal('/prometheus/refused', answer);
      await answer.body?.cancel();
    },
  };
}

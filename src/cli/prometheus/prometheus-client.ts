import { messageOf } from '../../lib/errors.js';

const reloadWithinMs = 120_000;
const askWithinMs = 10_000;
const shownCharacters = 300;

/** A Prometheus, as the program beside it talks to it. */
export interface PrometheusClient {
  /**
   * Has it read its configuration and its rules again.
   *
   * @returns whether it takes them
   * @throws an error for people where it does not answer, or does not reload at all
   */
  reload(): Promise<boolean>;
  /** What it says about an expression, where it refuses it; `undefined`: it parses it. Never throws. */
  faultOf(expression: string): Promise<string | undefined>;
}

/** Creates a client by the address of its reload: `http://prometheus:9090/-/reload`. */
export function createPrometheusClient(reloadUrl: string): PrometheusClient {
  const base = reloadUrl.replace(/\/-\/reload\/?$/, '');
  return {
    async reload() {
      let status: number;
      let text: string;
      try {
        const answer = await fetch(reloadUrl, {
          method: 'POST',
          redirect: 'error',
          signal: AbortSignal.timeout(reloadWithinMs),
        });
        status = answer.status;
        text = (await answer.text()).trim().slice(0, shownCharacters);
      } catch (error) {
        throw new Error(`Prometheus does not answer: ${messageOf(error)}; check --reload`);
      }
      if (status >= 200 && status < 300) return true;
      if (status === 500) return false;
      const advice =
        status === 403
          ? 'start Prometheus with --web.enable-lifecycle'
          : 'check that --reload is the address of its /-/reload';
      throw new Error(`Prometheus does not reload: it answered ${status} (${text}); ${advice}`);
    },

    async faultOf(expression) {
      try {
        const query = new URLSearchParams({ query: expression });
        const answer = await fetch(`${base}/api/v1/format_query?${query}`, {
          redirect: 'error',
          signal: AbortSignal.timeout(askWithinMs),
        });
        const body = (await answer.json()) as { readonly error?: unknown };
        if (typeof body.error !== 'string') return undefined;
        return body.error.replace(/^invalid parameter "query": /, '').slice(0, shownCharacters);
      } catch {
        return undefined;
      }
    },
  };
}

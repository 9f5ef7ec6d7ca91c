import { messageOf, PartMissingError } from '../../errors.js';
import type { Readiness } from '../../receiver/health.js';
import { createEngineClient } from '../engine-client.js';
import { type Finding, note, ok, wrong } from './finding.js';

/** Asks the engine itself, if one runs where this environment would start it. */
export async function examineEngine(options: {
  readonly listen: string;
  readonly port: number;
  readonly timeoutMs: number;
}): Promise<readonly Finding[]> {
  const { port, timeoutMs } = options;
  if (port === 0) return [note('PORT is 0: where an engine listens cannot be known')];
  const url = `http://${hostOf(options.listen)}:${port}`;
  try {
    const engine = createEngineClient({ url, adminToken: undefined, timeoutMs });
    const { ready, checks } = await engine.readiness();
    const fine = Object.entries(checks).filter(([, check]) => check.ok);
    const said = fine.map(([name, { detail }]) => `${name} ${detail}`);
    if (ready)
      return [ok(`ready at ${url}: ${said.join(', ')}`), ...reloadFault(url, checks.reload)];
    return Object.entries(checks)
      .filter(([, check]) => !check.ok)
      .map(([name, { detail }]) =>
        wrong(
          `at ${url} it is not ready: ${name}: ${detail}`,
          'alerts get 503 or are not worked off until it is',
          'mend what is wrong above; its log says more',
        ),
      );
  } catch (error) {
    if (error instanceof PartMissingError) return [note(`none runs at ${url}`)];
    return [
      wrong(
        messageOf(error),
        'the engine cannot listen there',
        'stop the other program, or set PORT to another port',
      ),
    ];
  }
}

/** An engine whose playbooks cannot be reloaded works on, with those that it had. */
function reloadFault(url: string, reload: Readiness['checks'][string] | undefined): Finding[] {
  if (reload?.ok !== false) return [];
  return [
    wrong(
      `at ${url} the changed playbooks were ${reload.detail}`,
      'what was changed in the playbooks or their policy is not in use',
      'mend what it names; jidoka check shows each place',
    ),
  ];
}

/** An address that reaches what listens on `listen`. */
function hostOf(listen: string): string {
  if (listen === '0.0.0.0' || listen === '::') return '127.0.0.1';
  return listen.includes(':') && !listen.startsWith('[') ? `[${listen}]` : listen;
}

import type { Readiness } from '../../api/health.js';
import { integrations } from '../../integrations/registry.js';
import { messageOf, PartMissingError } from '../../lib/errors.js';
import { type Finding, note, ok, wrong } from '../../lib/finding.js';
import { createEngineClient } from '../engine-client.js';

/** Asks the engine itself, if one runs where this environment would start it. */
export async function examineEngine(options: {
  readonly listen: string;
  readonly port: number;
  readonly timeoutMs: number;
}): Promise<readonly Finding[]> {
  const { port, timeoutMs } = options;
  if (port === 0) return [note('PORT is 0: where an engine listens cannot be known')];
  const url = engineUrl(options);
  try {
    const engine = createEngineClient({ url, adminToken: undefined, timeoutMs });
    const { ready, checks } = await engine.readiness();
    const fine = Object.entries(checks).filter(([, check]) => check.ok);
    const said = fine.map(([name, { detail }]) => `${name} ${detail}`);
    if (ready) return [ok(`ready at ${url}: ${said.join(', ')}`), ...readyFaults(url, checks)];
    return Object.entries(checks)
      .filter(([, check]) => !check.ok)
      .map(([name, { detail }]) =>
        wrong(
          `at ${url} it is not ready: ${name}: ${detail}`,
          'alerts get 503 or are not worked off until it is',
          'fix the errors above; its log has details',
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

/** What an engine that takes alerts in cannot do all the same. */
function readyFaults(url: string, checks: Readiness['checks']): Finding[] {
  const { reload, ...others } = checks;
  const isTarget = (name: string) => integrations.some((one) => one.name === name);
  const failing = Object.entries(others).filter(([name, { ok }]) => !ok && !isTarget(name));
  return [
    ...failing.map(([name, { detail }]) =>
      wrong(
        `at ${url} it takes alerts in, but ${name}: ${detail}`,
        name === 'slack_socket'
          ? 'clicks in Slack do not arrive'
          : 'what it takes in is not worked off, or late',
        'do what it says; its log says more',
      ),
    ),
    ...reloadFault(url, reload),
    ...integrations.flatMap(({ name, variable }) =>
      targetFault(url, name, variable ?? 'its settings', checks[name]),
    ),
  ];
}

/** An engine whose playbooks cannot be reloaded works on, with those that it had. */
function reloadFault(url: string, reload: Readiness['checks'][string] | undefined): Finding[] {
  if (reload?.ok !== false) return [];
  return [
    wrong(
      `at ${url} the changed playbooks were ${reload.detail}`,
      'what was changed in the playbooks or their policy is not in use',
      'fix what it names; jidoka check shows each place',
    ),
  ];
}

/** Where an engine answers that was started with these settings. */
export function engineUrl({ listen, port }: { readonly listen: string; readonly port: number }) {
  return `http://${hostOf(listen)}:${port}`;
}

/** A target system that the engine does not reach makes it no less ready. */
function targetFault(
  url: string,
  name: string,
  settings: string,
  check: Readiness['checks'][string] | undefined,
): Finding[] {
  if (check?.ok !== false) return [];
  return [
    wrong(
      `the engine at ${url} does not reach ${name}: ${check.detail}`,
      'alerts whose playbooks act there wait until it answers',
      `check ${settings} and its credentials in the environment of the engine`,
    ),
  ];
}

/** An address that reaches what listens on `listen`. */
function hostOf(listen: string): string {
  if (listen === '0.0.0.0' || listen === '::') return '127.0.0.1';
  return listen.includes(':') && !listen.startsWith('[') ? `[${listen}]` : listen;
}

import type { Readiness } from '../api/health.js';
import type { HealthCheck } from '../console/parts.js';
import { integrations } from '../integrations/registry.js';
import type { Clock } from '../lib/clock.js';
import { messageOf } from '../lib/errors.js';
import type { Connection } from './connections.js';

/** How long what was found stands; the calls go to the outside, and many may look. */
const freshMs = 15_000;
/** How long a page waits for an answer before it shows what was found last. */
const waitMs = 1_500;

const states = {
  connected: 'good',
  loaded: 'good',
  unsafe: 'unsafe',
  failed: 'bad',
  not_configured: 'off',
} as const satisfies Record<Connection['state'], HealthCheck['state']>;

/** What the connections say more of, as they are tried now. */
const shownAsConnection: ReadonlySet<string> = new Set([
  ...integrations.map(({ name }) => name),
  ...['slack', 'alertmanager', 'prometheus'],
]);

const names: Readonly<Record<string, string>> = {
  redis: 'Redis',
  worker: 'Worker',
  queue: 'Queue',
  playbooks: 'Playbooks',
  reload: 'Reload',
  slack_socket: 'Slack socket',
};

/**
 * How everything stands that the engine is connected to: what `/-/ready` says, and the connections to
 * the outside, which are tried at most every 15 s.
 */
export function createConsoleHealth(options: {
  readonly readiness: () => Promise<Readiness>;
  readonly connections: () => Promise<readonly Connection[]>;
  readonly clock: Clock;
}): () => Promise<readonly HealthCheck[]> {
  const { readiness, connections, clock } = options;
  let last: readonly HealthCheck[] = [];
  let askedAtMs = Number.NEGATIVE_INFINITY;
  let asking: Promise<void> | undefined;

  async function ask(): Promise<void> {
    askedAtMs = clock.now();
    try {
      last = (await connections()).map(({ name, state, detail }) => ({
        name,
        state: states[state],
        detail,
      }));
    } catch (error) {
      last = [{ name: 'Connections', state: 'bad', detail: messageOf(error) }];
    }
  }

  return async () => {
    if (askedAtMs + freshMs <= clock.now() && asking === undefined) {
      asking = ask().finally(() => {
        asking = undefined;
      });
    }
    const [{ checks }] = await Promise.all([readiness(), within(asking, waitMs)]);
    const own = Object.entries(checks)
      .filter(([name]) => !shownAsConnection.has(name))
      .map(([name, { ok, detail }]) => ({
        name: names[name] ?? name,
        state: ok ? ('good' as const) : ('bad' as const),
        detail,
      }));
    return [...own, ...last];
  };
}

async function within(promise: Promise<void> | undefined, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([promise, late]);
  clearTimeout(timer);
}

import { expect, test } from 'vitest';
import { clientWatches } from '../../../src/app/clients.js';
import { createTargetWatch } from '../../../src/engine/health/target-watch.js';
import { createLogger } from '../../../src/lib/logger.js';
import { createMetrics } from '../../../src/lib/metrics.js';
import { createManualClock } from '../sim/manual-clock.js';

type Clients = Parameters<typeof clientWatches>[0];
const answers = async () => ({}) as never;
const failing = async () => {
  throw new Error('connection refused');
};

/** A look at such clients: what the metrics, the readiness and the log say then. */
async function look(clients: object) {
  const metrics = createMetrics();
  const warnings: unknown[] = [];
  const log = createLogger('warn', { write: (line) => void warnings.push(JSON.parse(line).msg) });
  const clock = createManualClock(0);
  const watches = clientWatches({
    alertmanagers: [],
    prometheuses: [],
    ...clients,
  } as unknown as Clients);
  const watch = createTargetWatch(watches, { metrics, clock, log } as never);
  await watch.look();
  const { values } = await metrics.targetUp.get();
  const up = Object.fromEntries(values.map(({ labels, value }) => [labels.target, value]));
  return { up, checks: watch.checks(), warnings };
}

test('Slack, Alertmanager and Prometheus are exported as up or away, like targets', async () => {
  const { up, checks, warnings } = await look({
    slack: { check: failing },
    alertmanagers: [{ status: answers }],
    prometheuses: [{ version: answers }],
  });
  expect(up).toEqual({ slack: 0, alertmanager: 1, prometheus: 1 });
  expect(checks.slack).toEqual({
    ok: false,
    detail: 'no answer since 1970-01-01T00:00:00.000Z: connection refused',
  });
  expect(warnings).toEqual([
    'Slack did not answer: messages to it wait; check its address and credentials',
  ]);
});

test('one member of several that is away counts as away', async () => {
  const alertmanagers = [{ status: answers }, { status: failing }];
  expect((await look({ alertmanagers })).up).toEqual({ alertmanager: 0 });
});

test('what is not configured is neither up nor away', async () => {
  expect(await look({})).toMatchObject({ up: {}, checks: {}, warnings: [] });
});

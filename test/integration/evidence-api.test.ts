import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import {
  playbookStandingSchema,
  reportSchema,
  standingsSchema,
} from '../../src/api/evidence-schema.js';
import { countAlerts } from '../../src/engine/reports/count-alerts.js';
import { createLibrary } from '../../src/playbook/library.js';
import { defaultPolicy } from '../../src/playbook/policy.js';
import { scaleUp, startBench } from '../support/engine.js';
import { startReceiver } from '../support/receiver.js';
import { countCommands } from '../support/redis-commands.js';

/* What the API shows of what came of playbooks and alerts. */

const minute = 60_000;
const slow = { alertname: 'Slow', service: 'web' };
const odd = { alertname: 'Odd', service: 'web' };

/** An engine that has resolved one alert and handed another one over, and the API over its ledger. */
async function startStory({ ownRedis = false } = {}) {
  const bench = await startBench({
    ownRedis,
    playbooks: [scaleUp, ...others],
    policy: 'report: { minutes_per_alert: 20 }',
  });
  bench.targets.add('web', 2);
  await bench.take([{ labels: slow }, { labels: odd }]);
  await bench.pass(minute);
  await bench.take([slow, odd].map((labels) => ({ labels, resolved: true })));
  bench.clock.advance(2 * minute);
  await countAlerts(bench);
  const { active, clock } = bench.context();
  const { call } = startReceiver({ ledger: bench.ledger, pauses: bench.pauses, active, clock });
  return { bench, call };
}

const others = ['b', 'c'].map((name) =>
  scaleUp.replace('name: scale-up', `name: ${name}`).replace('"Slow"', `"${name}"`),
);

/** What is shown must be described, all of it: a schema drops what it does not know. */
async function read<Schema extends z.ZodType>(
  call: Awaited<ReturnType<typeof startStory>>['call'],
  path: string,
  schema: Schema,
): Promise<z.output<Schema>> {
  const { status, body } = await call<object>(path);
  expect(status).toBe(200);
  expect(schema.parse(body)).toEqual(body);
  return body as z.output<Schema>;
}

describe('the API shows', () => {
  test('the report with the share and the minutes that its policy makes of it', async () => {
    const { bench, call } = await startStory();
    const report = await read(call, 'report?days=2', reportSchema);
    expect(report).toMatchObject({
      days: 2,
      ends: { by_machine: 1, by_people: 1 },
      share: 0.5,
      minutesPerAlert: 20,
      minutesSaved: 20,
      reached: [{ labels: odd, count: 1 }],
    });
    expect(report.perDay.map(({ ends }) => ends.by_machine)).toEqual([0, 1]);
    const { status, body } = await call<{ path: string }>('report?days=401');
    expect([status, body.path]).toEqual([400, 'days']);
    await bench.stop();
  });

  test('a playbook with what came of it, its latest runs and what is left of its limits', async () => {
    const { bench, call } = await startStory();
    const shown = await read(call, 'playbooks/scale-up?days=1', playbookStandingSchema);
    expect(shown.text).toContain('name: scale-up');
    expect(shown.evidence).toMatchObject({
      ran: 1,
      took: { meanMs: minute, halfWithinMs: minute },
    });
    expect(shown.evidence.days).toMatchObject([{ counts: { helped: 1, failed: 0 } }]);
    expect(shown.latestRuns).toEqual((await bench.runs()).map(({ id }) => id));
    expect(shown.targets).toMatchObject([
      { target: { name: 'web' }, allowances: [{ scope: 'web', count: 10, used: 1 }] },
    ]);
    expect((await call('playbooks/scale-down')).status).toBe(404);
    await bench.stop();
  });

  test('the playbooks in the order in which they are tried, a page at a time', async () => {
    const { bench, call } = await startStory();
    await bench.pauses.set({ of: 'everything' }, { by: 'ada', why: 'why', forMs: null });
    const first = await read(call, 'playbooks?limit=2', standingsSchema);
    expect(first.items.map(({ name }) => name)).toEqual(['scale-up', 'b']);
    expect(first.items.map(({ guards }) => guards.paused)).toEqual([true, true]);
    expect(first.items.map(({ evidence }) => evidence.total.helped)).toEqual([1, 0]);
    const last = await read(call, `playbooks?limit=2&before=${first.next}`, standingsSchema);
    expect(last.items.map(({ name }) => name)).toEqual(['c']);
    expect(last.next).toBeNull();
    expect((await call('playbooks?before=gone')).status).toBe(400);
    await bench.stop();
  });
});

test('a page of playbooks asks Redis for no more than what it shows', async () => {
  const { bench, call } = await startStory({ ownRedis: true });
  const counting = await countCommands(bench.redis, bench.cell);
  const one = await counting.during(() => call('playbooks?limit=1&days=1'));
  const all = await counting.during(() => call('playbooks?limit=3&days=90'));
  // the evidence of two playbooks more, of 89 days more, and their admissions
  expect(all - one).toBe(2 * 91 + 89 + 2);
  await counting.stop();
  await bench.stop();
});

test('the list without playbooks, and the default policy, are shown, too', async () => {
  const active = () => ({ library: createLibrary([]), policy: defaultPolicy, hash: 'h' });
  const { call } = startReceiver({ active });
  const { body } = await call<object>('playbooks');
  expect(body).toEqual({ hash: 'h', items: [], next: null });
});

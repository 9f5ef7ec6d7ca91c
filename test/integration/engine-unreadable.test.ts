import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Engine } from '../../src/engine/engine.js';
import { createLedger } from '../../src/ledger/ledger.js';
import { type Bench, scaleUp, startBench } from '../support/engine.js';
import { usePart } from '../support/parts.js';

/* Guards that cannot be read hold: nothing is done, nothing is lost, and it goes on afterwards. */

let bench: Bench;
const clients: Redis[] = [];
beforeEach(async () => {
  const playbooks = [scaleUp.replace('settle: 2m', 'settle: 2m\n    repeat: 2')];
  bench = await startBench({ playbooks });
  bench.targets.add('web', 2);
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.disconnect();
  await bench.stop();
});

const minute = 60_000;
const slow = { alertname: 'Slow', service: 'web' };

/** An engine whose Redis refuses one of the keys that guards are kept under. */
async function refused(key: string, during: (engine: Engine) => Promise<void>): Promise<void> {
  const user = `test-${randomUUID()}`;
  const rest = [
    'episode*',
    'run*',
    'esc*',
    'case*',
    'past*',
    'join*',
    'subject*',
    'lock*',
    'changed*',
    'command*',
  ]
    .concat('admissions*', 'open*', 'active*', 'schedule*', 'audit', 'touched*', 'failures')
    .concat('pauses', 'tripped', 'breakers', 'held', 'muted', 'absences', 'undelivered')
    .concat('ledger-id', 'marks', 'results', 'unlisted*', 'waiters*', 'own-alerts')
    .concat('history*', 'evidence*', 'uncounted', 'figures*', 'reached*', 'lesson*', 'thread*')
    .map((name) => `{${bench.cell}}:ledger:${name}`)
    .filter((name) => name !== key);
  await bench.redis.call(
    'ACL',
    'SETUSER',
    user,
    'on',
    'nopass',
    '+@all',
    ...rest.map((k) => `~${k}`),
  );
  const url = new URL(usePart('redis').url);
  url.username = user;
  url.password = 'any';
  const redis = new Redis(url.href);
  clients.push(redis);
  try {
    await during(bench.another({ ledger: createLedger({ redis, cell: bench.cell }) }));
  } finally {
    await bench.redis.call('ACL', 'DELUSER', user);
  }
}

describe.each(['pauses', 'tripped', 'breakers', 'touched*', 'admissions*'])(
  'while Redis refuses %s',
  (name) => {
    const key = () => `{${bench.cell}}:ledger:${name}`;

    test('nothing begins, and nothing is lost', async () => {
      await refused(key(), async (engine) => {
        await expect(engine.take(bench.notification([{ labels: slow }]))).rejects.toThrow(
          /NOPERM|can't access/,
        );
      });
      expect(await bench.runs()).toEqual([]);
      expect(bench.targets.calls.apply).toBe(0);
      await bench.pass(minute);
      expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    });
  },
);

test.each(['pauses', 'tripped'])(
  'a run that has begun changes nothing more while Redis refuses %s',
  async (name) => {
    await bench.take([{ labels: slow }]);
    const [run] = await bench.runs();
    bench.clock.advance(3 * minute);
    await refused(`{${bench.cell}}:ledger:${name}`, async (engine) => {
      await expect(engine.look(`run:${run?.id}`)).rejects.toThrow(/NOPERM|can't access/);
    });
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    await bench.pass(minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 4']);
  },
);

test('a pause that cannot be understood holds like one that can', async () => {
  await bench.redis.hset(bench.ledger.keys.pauses, 'everything', 'no pause of ours');
  await expect(bench.take([{ labels: slow }])).rejects.toThrow();
  expect(bench.targets.calls.apply).toBe(0);
});

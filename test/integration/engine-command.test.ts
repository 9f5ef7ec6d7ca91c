import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { commandNotification } from '../../src/alert/command.js';
import type { Received } from '../../src/engine/received.js';
import { type Bench, scaleUp, startBench } from '../support/engine.js';

/* A call in the manner of Jenkins: it asks for one thing, and nobody ever says that it resolved. */

let bench: Bench;
beforeEach(async () => {
  const playbook = scaleUp.replace(
    'alertname = "Slow"',
    'alertname = "scale", command = "jenkins"',
  );
  bench = await startBench({
    playbooks: [
      playbook
        .replace('cooldown: 0', 'cooldown: 20m')
        .replace('settle: 2m', 'settle: 2m\n    repeat: 3'),
    ],
    policy: 'limits: { target: [50 per 1h], playbook: [50 per 1h] }',
  });
  bench.targets.add('web', 2, { afterMs: 3_000 });
});
afterEach(() => bench.stop());

const minute = 60_000;
let number = 0;

function call(parameters: Record<string, string> = { service: 'web' }, name = 'scale'): Received {
  const receivedAtMs = bench.clock.now();
  number += 1;
  const notification = commandNotification({ source: 'jenkins', name, parameters, receivedAtMs });
  return { source: 'jenkins', receivedAtMs, notification, commandNumber: number };
}

async function take(received = call()): Promise<void> {
  await bench.engine.take(received);
  await bench.settle();
}

const labels = { service: 'web', alertname: 'scale', command: 'jenkins' };

describe('a command', () => {
  test('gets one step, and is over as soon as its target is as it asked', async () => {
    await take();
    expect(await bench.episode(labels)).toMatchObject({ state: 'open', source: 'jenkins' });
    await bench.pass(minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    expect(await bench.episode(labels)).toMatchObject({ state: 'closed' });
    expect(await bench.escalations()).toEqual([]);
  });

  test('is found by its number', async () => {
    await take();
    const id = await bench.redis.hget(bench.ledger.keys.command(number), 'episode');
    expect(id).toBe((await bench.episode(labels)).id);
  });

  test('that comes again while the first is worked on joins it', async () => {
    await take();
    await take();
    await bench.pass(minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    expect(await bench.episode(labels)).toMatchObject({ state: 'closed', deliveries: 2 });
  });

  test('that is taken a second time after it was done changes nothing', async () => {
    const received = call();
    await take(received);
    await bench.pass(minute);
    await take(received);
    await bench.pass(60 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
    expect(await bench.escalations()).toEqual([]);
  });

  test('that comes again after that is another one, which waits for the cooldown and then acts', async () => {
    await take();
    await bench.pass(minute);
    await take();
    expect(await bench.episode(labels)).toMatchObject({
      state: 'open',
      verdicts: [{ fate: 'held', reason: 'cooldown' }],
    });
    await bench.pass(18 * minute);
    expect(bench.targets.effects).toHaveLength(1);
    await bench.pass(5 * minute);
    expect(bench.targets.effects).toEqual(['web: 2 → 3', 'web: 3 → 4']);
    expect(await bench.episode(labels)).toMatchObject({ state: 'closed' });
  });

  test('that no playbook covers stays a question until a person answers', async () => {
    await take(call({ service: 'web' }, 'unknown'));
    await bench.pass(60 * minute);
    const [question] = await bench.escalations();
    expect(question).toMatchObject({
      value: { state: 'open', reason: 'no_match', unverifiable: true },
    });
  });

  test('that failed is told, stays told, and is not tried again by the same call', async () => {
    bench.targets.add('web', 8);
    await take();
    await bench.pass(minute);
    expect(bench.targets.effects).toEqual([]);
    await take();
    await bench.pass(60 * minute);
    expect((await bench.escalations()).map(({ value }) => [value.state, value.reason])).toEqual([
      ['open', 'at_bound'],
    ]);
  });
});

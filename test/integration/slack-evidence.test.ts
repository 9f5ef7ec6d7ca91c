import { afterEach, beforeEach, expect, test } from 'vitest';
import { createEvidenceGatherer } from '../../src/evidence/gather.js';
import type { EvidenceSource } from '../../src/integrations/contract/evidence.js';
import { scheduleItem } from '../../src/ledger/schedule-item.js';
import { type SlackBench, startSlackBench } from '../support/slack.js';

/* How what is found about an alert reaches its message in Slack. */

const second = 1_000;
let bench: SlackBench;
beforeEach(async () => {
  bench = await startSlackBench();
});
afterEach(() => bench.stop());

/** Gathers evidence from a system where a task has failed with another exit code each time it is asked. */
function startGatherer() {
  const { ledger, clock, log } = bench;
  const seen = { asked: 0 };
  const source: EvidenceSource = {
    system: 'swarm',
    scopes: [],
    targets: async () => [{ id: 'swarm.service/s1', name: 'orders' }],
    async tasks() {
      seen.asked += 1;
      const failure = { atMs: 0, state: 'failed', error: '', exitCode: seen.asked, node: null };
      const tasks = { name: 'orders', running: 1, desired: 3, failed: 1, problems: [] };
      return { ...tasks, failures: [failure] };
    },
  };
  const gatherer = createEvidenceGatherer({
    ...{ ledger, clock, log, prometheuses: [], sources: [source], secrets: [] },
    logs: () => false,
    wake: async () => {},
  });
  /** Looks at the message, as the worker does: what is found about it is gathered afterwards. */
  async function post(id: string): Promise<void> {
    await bench.messenger().look(scheduleItem('message', id));
    await gatherer.begin(id);
  }
  const gather = (id: string) => gatherer.look(scheduleItem('evidence', id));
  const isOwed = async (id: string) =>
    (await ledger.redis.zscore(ledger.keys.schedule, scheduleItem('evidence', id))) !== null;
  return { seen, post, gather, isOwed };
}

const edits = () => bench.sim.messages('alerts').map(({ revisions }) => revisions.length - 1);

test('a message is out before anything is read about its alert', async () => {
  const { seen, post, isOwed } = startGatherer();
  const id = await bench.open();
  await post(id);
  expect(bench.sim.calls).toEqual(['chat.postMessage']);
  expect(seen.asked).toBe(0);
  expect(await isOwed(id)).toBe(true);
});

test('a message is edited once when its evidence is there, however often that is gathered again', async () => {
  const { seen, post, gather } = startGatherer();
  const id = await bench.open();
  await post(id);
  await gather(id);
  await bench.pass(5 * second);
  expect(bench.said()).toContain('exit code 1');
  expect(edits()).toEqual([1]);

  // someone looks at the console: what it shows is read again, and has changed
  for (let times = 0; times < 3; times += 1) {
    bench.clock.advance(120 * second);
    await bench.ledger.redis.zadd(
      bench.ledger.keys.schedule,
      bench.clock.now(),
      scheduleItem('evidence', id),
    );
    await gather(id);
    await bench.pass(5 * second);
  }
  expect(seen.asked).toBe(4);
  expect(edits()).toEqual([1]);
  expect(bench.sim.calls).toEqual(['chat.postMessage', 'chat.update']);
});

test('in a burst new messages go first, and edits that bring evidence follow one by one', async () => {
  const { post, gather } = startGatherer();
  const early = [await bench.open(), await bench.open(), await bench.open()];
  for (const id of early) await post(id);
  await bench.pass(2 * second);
  expect(bench.sim.calls).toEqual(Array(3).fill('chat.postMessage'));

  // evidence is there, and waits for the channel already, when the others come
  for (const id of early) await gather(id);
  const messenger = bench.messenger();
  for (const id of early) await messenger.look(scheduleItem('message', id));
  for (let count = 0; count < 4; count += 1) await bench.open();
  await bench.pass(30 * second);

  const sent = bench.sim.calls.slice(3);
  expect(sent).toEqual([...Array(4).fill('chat.postMessage'), ...Array(3).fill('chat.update')]);
  expect(edits()).toEqual([1, 1, 1, 0, 0, 0, 0]);
  const times = bench.sim
    .messages('alerts')
    .flatMap(({ revisions }) => revisions.map(({ at }) => at))
    .sort((a, b) => a - b);
  const between = times.slice(1).map((at, index) => at - (times[index] ?? 0));
  expect(Math.min(...between)).toBeGreaterThanOrEqual(second);
  expect(await bench.count('failed')).toBe(0);
});

// Runs that wait: what the engine and its Redis do while nothing but waiting goes on, beside the engine
// with none; and how soon a thousand that fall due in the same instant have gone on.
import { setTimeout as sleep } from 'node:timers/promises';
import { createLedger } from '../../dist/ledger/ledger.js';
import { createLogger } from '../../dist/lib/logger.js';
import { createQueues } from '../../dist/queue/queues.js';
import { quantile, until } from './common.mjs';
import { startCounter } from './counter.mjs';
import { startEngine } from './engine.mjs';
import { postAlerts } from './post-alerts.mjs';
import { cpuMs, redisWork } from './processes.mjs';

const windowSeconds = 10;
const woken = 1_000;
const dueInMs = 10_000;
const cell = 'jidoka';

const playbooks = (origin) => ({
  'ask.yaml': playbook('Ask', 'approve', origin),
  'settle.yaml': playbook('Settle', 'auto', origin),
});

/** Calls an address a second time when the alert goes on for an hour. */
const playbook = (alertname, mode, origin) => `name: ${alertname.toLowerCase()}
summary: Calls an address.
match: alertname = "${alertname}"
mode: ${mode}
steps:
  - http.request: { url: "${origin}/${alertname}/\${{ labels.service }}" }
    settle: 1h
    repeat: 2
guards: { cooldown: 0 }
`;

/** Measured once: it takes about a minute and a half. */
export async function measureRuns({ count, record, note }) {
  const counter = await startCounter();
  const engine = await startEngine({
    origin: counter.origin,
    playbooks: playbooks(counter.origin),
  });
  try {
    await rest(engine);
    const idle = await watch(engine);
    await postAlerts(engine.url, { alertname: 'Ask', count });
    await postAlerts(engine.url, { alertname: 'Settle', count });
    const { client } = engine.redis;
    await until(
      async () => (await client.zcard(`{${cell}}:ledger:active-runs`)) === 2 * count,
      'all wait',
    );
    await until(() => counter.total() >= count, 'all have called');
    await rest(engine);
    const waiting = await watch(engine);
    const of = 'with none';
    const what = `${count} runs settle, ${count} wait for a yes`;
    record({
      what: `${what}: commands to Redis`,
      unit: '/s',
      ours: waiting.commands,
      mark: idle.commands,
      of,
      atMost: 1.2,
    });
    record({
      what: `${what}: CPU of the engine`,
      unit: 'ms/s',
      ours: waiting.engine,
      mark: idle.engine,
      of,
    });
    record({
      what: `${what}: CPU of Redis`,
      unit: 'ms/s',
      ours: waiting.redis,
      mark: idle.redis,
      of,
    });

    const late = await wakeAtOnce(engine, counter, Math.min(woken, count));
    for (const [share, label] of [
      [0.5, 'p50'],
      [1, 'the last'],
    ]) {
      record({
        what: `${late.length} runs due in one instant, until each has gone on, ${label}`,
        unit: 'ms',
        ours: quantile(late, share),
      });
    }
    const calls = counter.total() - count - late.length;
    if (calls !== 0) note(`${calls} calls more were made than runs were due`);
  } finally {
    await engine.stop();
    await counter.stop();
  }
}

/** Has so many runs that settle fall due in the same instant; how late each made its next call. */
async function wakeAtOnce(engine, counter, many) {
  const { client } = engine.redis;
  const ledger = createLedger({ redis: client, cell });
  const queues = createQueues({ connection: client, cell, log: createLogger('silent') });
  const ids = await client.zrevrange(ledger.keys.activeRuns, 0, -1);
  const dueAtMs = Date.now() + dueInMs;
  let left = many;
  const setNext = async () => {
    while (left > 0) {
      const id = ids.shift();
      const stored = await ledger.run(id);
      if (stored?.value.state !== 'settling' || left === 0) continue;
      left -= 1;
      const save = ledger.saveRun(stored, { ...stored.value, dueAtMs, deadlineMs: dueAtMs });
      await ledger.commit({ checks: [save.check], writes: save.writes, nowMs: Date.now() });
      await queues.enqueueItem(`run:${id}`, dueAtMs);
    }
  };
  await Promise.all(Array.from({ length: 16 }, setNext));
  if (Date.now() >= dueAtMs) throw new Error('they were due before all of them were set');
  const before = counter.total();
  await until(() => counter.total() >= before + many, 'all have gone on');
  // one that goes on twice would do so soon
  await sleep(3_000);
  return counter
    .since(before)
    .slice(0, many)
    .map((atMs) => atMs - dueAtMs);
}

/** Waits until what has been begun is done. */
async function rest(engine) {
  await sleep(5_000);
  await until(
    async () => (await engine.metric('jidoka_queue_jobs', 'state="wait"')) === 0,
    'the queues are empty',
  );
  await sleep(5_000);
}

/** What is done in a second, while nobody asks for anything. */
async function watch({ pid, redis }) {
  const look = async () => ({ ...(await redisWork(redis.client)), engine: cpuMs(pid) });
  const before = await look();
  await sleep(windowSeconds * 1_000);
  const after = await look();
  const since = (name) => (after[name] - before[name]) / windowSeconds;
  return { commands: since('commands'), engine: since('engine'), redis: since('cpuMs') };
}

// How throughput grows with the processes that act, all on one Redis: a storm is taken in while they are
// stopped, and worked off when they go on. What is full when it grows no more is seen from the CPU time
// of Redis and of the workers.
import { startRedis, until } from './common.mjs';
import { startCounter } from './counter.mjs';
import { startEngine } from './engine.mjs';
import { postAlerts } from './post-alerts.mjs';
import { cpuMs, redisWork } from './processes.mjs';

const keys = '{jidoka}:';
const counts = [1, 2, 4, 8];
/** So many for each worker first, so that none is measured while its code is still cold. */
const warmUp = { changes: 250, alerts: 1_000 };

/** Measured once: it takes about a minute and a half. */
export async function measureWorkers({ actions, open, record, note }) {
  const counter = await startCounter();
  const first = {};
  try {
    for (const many of counts) {
      const { changes, decided } = await measure(many, counter, { actions, open });
      first.changes ??= changes;
      first.decided ??= decided;
      const name = many === 1 ? '1 worker' : `${many} workers`;
      const of = '1 worker';
      record({
        what: `${name}: changes`,
        unit: '/s',
        ours: changes.rate,
        mark: first.changes.rate,
        of,
      });
      record({
        what: `${name}: alerts opened and decided`,
        unit: '/s',
        ours: decided.rate,
        mark: first.decided.rate,
        of,
      });
      note(`${name}: ${busy('changes', changes)}; ${busy('decisions', decided)}`);
    }
    record({ what: 'CPU of Redis for a change', unit: 'µs', ours: first.changes.redisUs });
    record({
      what: 'CPU of Redis for an alert opened and decided',
      unit: 'µs',
      ours: first.decided.redisUs,
    });
    note(
      `for a change Redis gets and gives ${first.changes.bytes} bytes, for a decision ${first.decided.bytes}`,
    );
  } finally {
    await counter.stop();
  }
}

function busy(what, { redis, workers }) {
  return `${what} took ${workers.toFixed(2)} cores of the workers and ${redis.toFixed(2)} of Redis`;
}

async function measure(many, counter, { actions, open }) {
  const { origin } = counter;
  const redis = await startRedis();
  const engines = [];
  try {
    for (let index = 0; index < many; index += 1) {
      engines.push(await startEngine({ redis, origin, role: 'worker' }));
    }
    const pids = engines.map(({ pid }) => pid);
    // it is ready when there are workers
    engines.push(await startEngine({ redis, origin, role: 'receiver' }));
    const url = engines.at(-1).url;
    const work = (alertname, first, count, isDone) =>
      workOff({ redis, pids, url }, { alertname, first, count }, isDone);
    const changing = async (first, count) => {
      const calls = counter.total() + count;
      return work('Call', first, count, () => counter.total() >= calls);
    };
    const deciding = async (first, count) => {
      const known = (await redis.client.zcard(`${keys}ledger:episodes`)) + count;
      return work('Known', first, count, () => isDecided(redis.client, known));
    };
    await changing(0, warmUp.changes * many);
    const changes = await changing(warmUp.changes * many, actions);
    await deciding(0, warmUp.alerts * many);
    const decided = await deciding(warmUp.alerts * many, open);
    return { changes, decided };
  } finally {
    for (const engine of engines) await engine.stop();
    await redis.stop();
  }
}

/** Has alerts taken in while nobody acts; how fast they are worked off then, and what is busy meanwhile. */
async function workOff({ redis, pids, url }, alerts, isDone) {
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
  try {
    await postAlerts(url, alerts);
  } finally {
    for (const pid of pids) process.kill(pid, 'SIGCONT');
  }
  const workersMs = () => pids.reduce((sum, pid) => sum + cpuMs(pid), 0);
  const beganMs = performance.now();
  const before = { ...(await redisWork(redis.client)), workers: workersMs() };
  await until(isDone, `${alerts.alertname}: all are worked off`);
  const ms = performance.now() - beganMs;
  const after = { ...(await redisWork(redis.client)), workers: workersMs() };
  const since = (name) => after[name] - before[name];
  return {
    rate: alerts.count / (ms / 1_000),
    workers: since('workers') / ms,
    redis: since('cpuMs') / ms,
    redisUs: (since('cpuMs') * 1_000) / alerts.count,
    bytes: Math.round(since('bytes') / alerts.count),
  };
}

async function isDecided(client, count) {
  const [known, waiting, active] = await Promise.all([
    client.zcard(`${keys}ledger:episodes`),
    client.llen(`${keys}intake:wait`),
    client.llen(`${keys}intake:active`),
  ]);
  return known >= count && waiting + active === 0;
}

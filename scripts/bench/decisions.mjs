// From POST to recorded decision, sustained: alerts that open, and alerts that repeat, with so many
// episodes open already. An alert counts when its notification has left the queue.
import { startProgram, until } from './common.mjs';
import { startEngine } from './engine.mjs';

const perPost = 20;
const connections = 32;
const unit = 'alerts/s';
const target = { mark: 8_000, of: 'the target', atLeast: 1 };

export async function measureDecisions({ open, record }) {
  const engine = await startEngine();
  try {
    const opened = await take(engine, { count: open });
    record({ what: `opened and decided, up to ${open} open`, unit, ours: opened, ...target });
    const repeated = await take(engine, { count: open });
    record({ what: `repeated, ${open} open`, unit, ours: repeated, ...target });
  } finally {
    await engine.stop();
  }
}

/** The same with a hundred times as many open episodes; those that repeat are spread over all of them. */
export async function measureCrowd({ open, record }) {
  const engine = await startEngine();
  const most = 100 * open;
  try {
    await take(engine, { count: open });
    const few = await median(engine, { count: open });
    await take(engine, { count: most - open, first: open });
    const many = await median(engine, { count: open, stride: 100 });
    const what = `repeated, ${most} open`;
    record({ what, unit, ours: many, mark: few, of: `with ${open} open`, atLeast: 0.9 });
    record({ what, unit, ours: many, ...target });
  } finally {
    await engine.stop();
  }
}

/** The median of several times, because each is short. */
async function median(engine, what) {
  const rates = [];
  for (let time = 0; time < 5; time += 1) rates.push(await take(engine, what));
  return rates.sort((a, b) => a - b)[2];
}

/** Posts each of so many alerts once; how many a second were taken in and decided. */
async function take({ url, redis }, what) {
  const poster = await startProgram('post-all.mjs');
  try {
    const { beganMs, fault } = await poster.ask({ url, perPost, connections, ...what });
    if (fault !== undefined) throw new Error(fault);
    const keyOf = (state) => `{jidoka}:intake:${state}`;
    await until(async () => {
      const counts = await Promise.all([
        redis.client.llen(keyOf('wait')),
        redis.client.llen(keyOf('active')),
        redis.client.zcard(keyOf('delayed')),
      ]);
      return counts.every((left) => left === 0);
    }, 'all alerts are decided');
    return what.count / ((performance.timeOrigin + performance.now() - beganMs) / 1_000);
  } finally {
    await poster.stop();
  }
}

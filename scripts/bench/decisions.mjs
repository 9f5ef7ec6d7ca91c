// From POST to recorded decision, sustained: alerts that open, and alerts that repeat, with so many
// episodes open already. An alert counts when its notification has left the queue.
import { startProgram, until } from './common.mjs';
import { startEngine } from './engine.mjs';

const perPost = 20;
const connections = 32;

export async function measureDecisions({ open, record }) {
  const engine = await startEngine();
  try {
    const target = { mark: 8_000, of: 'the target', atLeast: 1 };
    const unit = 'alerts/s';
    const opened = await take(engine, open);
    record({ what: `opened and decided, up to ${open} open`, unit, ours: opened, ...target });
    const repeated = await take(engine, open);
    record({ what: `repeated, ${open} open`, unit, ours: repeated, ...target });
  } finally {
    await engine.stop();
  }
}

/** Posts each of so many alerts once; how many a second were taken in and decided. */
async function take({ url, redis }, count) {
  const poster = await startProgram('post-all.mjs');
  try {
    const { beganMs, fault } = await poster.ask({ url, count, perPost, connections });
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
    return count / ((performance.timeOrigin + performance.now() - beganMs) / 1_000);
  } finally {
    await poster.stop();
  }
}

// From POST to recorded decision, sustained: alerts that open, and alerts that repeat, with so many
// episodes open already.
import { alert, notification, until } from './common.mjs';
import { startEngine } from './engine.mjs';

const perPost = 20;
const connections = 32;

export async function measureDecisions({ open, record }) {
  const engine = await startEngine();
  try {
    const opened = await take(engine, open, open);
    const repeated = await take(engine, open, open);
    record({ what: `opened and decided, up to ${open} open`, unit: 'alerts/s', ours: opened });
    record({
      what: `repeated, ${open} open`,
      unit: 'alerts/s',
      ours: repeated,
      mark: 8_000,
      of: 'the target',
      atLeast: 1,
    });
  } finally {
    await engine.stop();
  }
}

/** Posts each of so many alerts once; how many a second were taken in and decided. */
async function take(engine, count, identities) {
  const before = await engine.metric('jidoka_alerts_total');
  const bodies = [];
  for (let first = 0; first < count; first += perPost) {
    const alerts = Array.from({ length: perPost }, (_, index) =>
      alert({ alertname: 'Known', service: `k${(first + index) % identities}` }),
    );
    bodies.push(notification(alerts));
  }
  const beganMs = performance.now();
  const post = async () => {
    for (let body = bodies.pop(); body !== undefined; body = bodies.pop()) {
      const answer = await fetch(engine.url, { method: 'POST', body });
      if (!answer.ok) throw new Error(`the engine answered ${answer.status}`);
      await answer.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: connections }, post));
  await until(async () => {
    const done = (await engine.metric('jidoka_alerts_total')) - before >= count;
    return done && (await engine.metric('jidoka_queue_jobs', 'queue="intake"')) === 0;
  }, 'all alerts are decided');
  return count / ((performance.now() - beganMs) / 1_000);
}

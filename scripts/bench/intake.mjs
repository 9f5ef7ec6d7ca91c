// Taking in: how many alerts a second one process takes, 64 connections at a time, each answered only
// when Redis has written to the disk. The mark does one XADD a request, and nothing else.
import { alert, load, notification, startProgram, startRedis } from './common.mjs';

const kinds = ['hono', 'hono-xadd', 'receiver'];
/** So many notifications are posted in turn: what waits is packed, and no storm is one alert over and over. */
const different = 500;

export async function measureIntake({ seconds, record }) {
  for (const count of [1, 20]) {
    const bodies = Array.from({ length: different }, () => various(count));
    const rates = {};
    for (const kind of kinds) {
      const redis = await startRedis();
      const server = await startProgram('server.mjs', [kind, redis.url]);
      rates[kind] = count * (await load({ url: server.first, bodies, seconds }));
      await server.stop();
      await redis.stop();
    }
    const what = `taken in, ${count} a POST`;
    const unit = 'alerts/s';
    record({
      what,
      unit,
      ours: rates.receiver,
      mark: rates['hono-xadd'],
      of: 'Hono + XADD',
      atLeast: 0.9,
    });
    record({ what, unit, ours: rates.receiver, mark: rates.hono, of: 'Hono, nothing durable' });
  }
}

/** A notification with alerts of their own: other services, instances, figures, times and fingerprints. */
function various(count) {
  const alerts = Array.from({ length: count }, () => {
    const service = `shop_${hex(4)}`;
    const instance = `10.${whole(256)}.${whole(256)}.${whole(256)}:8080`;
    const one = alert({ alertname: 'ServiceSlow', service, instance, container_id: hex(12) });
    const description = `The 95th percentile of the times to answer is ${Math.random() * 10} s`;
    return {
      ...one,
      annotations: { ...one.annotations, description },
      startsAt: new Date(Date.UTC(2026, 0, 31) + whole(86_400_000)).toISOString(),
      fingerprint: hex(16),
    };
  });
  return notification(alerts);
}

function whole(below) {
  return Math.floor(Math.random() * below);
}

function hex(digits) {
  return Array.from({ length: digits }, () => whole(16).toString(16)).join('');
}

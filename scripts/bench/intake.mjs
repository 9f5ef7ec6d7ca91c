// Taking in: how many alerts a second one process takes, 64 connections at a time, each answered only
// when Redis has written to the disk. The mark does one XADD a request, and nothing else.
import { alert, load, notification, startProgram, startRedis } from './common.mjs';

const kinds = ['hono', 'hono-xadd', 'receiver'];

export async function measureIntake({ seconds, record }) {
  for (const count of [1, 20]) {
    const body = notification(
      Array.from({ length: count }, (_, index) =>
        alert({ alertname: 'Slow', service: `s${index}` }),
      ),
    );
    const rates = {};
    for (const kind of kinds) {
      const redis = await startRedis();
      const server = await startProgram('server.mjs', [kind, redis.url]);
      rates[kind] = count * (await load({ url: server.first, body, seconds }));
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

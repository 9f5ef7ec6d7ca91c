// How much room alerts take that wait in the queue, while nobody takes them: bytes of Redis for each byte of
// the alerts as Alertmanager sends them.
import { randomBytes } from 'node:crypto';
import { createLogger } from '../../dist/lib/logger.js';
import { createQueues } from '../../dist/queue/queues.js';
import { alert, notification, startRedis } from './common.mjs';

/** As many as are answered at the same time in a storm. */
const storm = 64;

export async function measureQueued({ queued, record }) {
  for (const perPost of [1, 20]) {
    for (const atOnce of [1, storm]) {
      const how = atOnce === 1 ? 'one after another' : `${storm} at a time`;
      record({
        what: `alerts that wait, ${perPost} a POST, ${how}`,
        unit: 'bytes a byte',
        ours: await bytesAByte({ alerts: queued, perPost, atOnce }),
        mark: 1.3,
        of: 'the target',
        atMost: 1,
      });
    }
  }
}

async function bytesAByte({ alerts, perPost, atOnce }) {
  const redis = await startRedis();
  try {
    const parts = { connection: redis.client, cell: 'bench', log: createLogger('warn') };
    const { enqueuePosted } = createQueues(parts);
    const post = async (posted) => {
      const body = Buffer.from(notification(posted));
      await enqueuePosted({ receivedAtMs: Date.now(), body });
    };
    // so that the keys, the scripts and the connection's buffers are there
    for (let index = 0; index < storm; index += 1) await post([distinct()]);
    const before = await usedBytes(redis.client);
    let sent = 0;
    for (let first = 0; first < alerts; first += atOnce * perPost) {
      const together = Array.from({ length: atOnce }, () =>
        Array.from({ length: perPost }, distinct),
      );
      for (const one of together.flat()) sent += Buffer.byteLength(JSON.stringify(one));
      await Promise.all(together.map(post));
    }
    return ((await usedBytes(redis.client)) - before) / sent;
  } finally {
    await redis.stop();
  }
}

/** An alert like the others of its storm, of another service on another machine. */
function distinct() {
  const random = (bytes) => randomBytes(bytes).toString('hex');
  const [service, one, other] = [`shop_${random(4)}`, ...randomBytes(2)];
  const instance = `10.0.${one}.${other}:8080`;
  return {
    ...alert({ alertname: 'Slow', service, instance, task: random(12) }),
    startsAt: new Date().toISOString(),
    fingerprint: random(8),
  };
}

/** What Redis holds, without the buffers of its connections and of its append-only file. */
async function usedBytes(client) {
  // what was packed last may be under way
  await client.ping();
  const said = await client.info('memory');
  const field = (name) => Number(new RegExp(`${name}:(\\d+)`).exec(said)?.[1]);
  return field('used_memory') - field('mem_clients_normal') - field('mem_aof_buffer');
}

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { postAlerts, webhookAlert, webhookBody } from '../support/alerts.js';
import { eventually } from '../support/eventually.js';
import { type Jidoka, startJidoka } from '../support/jidoka.js';
import { startRedis } from '../support/parts/redis.js';

let redis: Awaited<ReturnType<typeof startRedis>>;
let jidoka: Jidoka;

beforeAll(async () => {
  redis = await startRedis();
  jidoka = await startJidoka({
    REDIS_URL: redis.url,
    LOG_LEVEL: 'fatal',
    DOCKER_HOST: 'unix:///nowhere/docker.sock',
  });
});

afterAll(async () => {
  await redis.restart();
  await jidoka.stop();
  await redis.stop();
});

test('without Redis a notification is refused for now, and taken when Redis is back', async () => {
  const alert = webhookAlert({ alertname: `Lost-${randomUUID()}` });
  const body = webhookBody([alert]);
  expect((await postAlerts(jidoka.url, body)).status).toBe(200);
  await eventually('the first is escalated', escalations, (count) => count === 1);

  await redis.stop();
  const refused = await postAlerts(jidoka.url, webhookBody([webhookAlert({ alertname: 'Later' })]));
  expect(refused.status).toBe(503);
  expect(await refused.text()).not.toContain(redis.url);
  expect((await fetch(`${jidoka.url}/-/ready`)).status).toBe(503);
  expect((await fetch(`${jidoka.url}/-/healthy`)).status).toBe(200);

  await redis.restart();
  const again = webhookBody([webhookAlert({ alertname: 'Later' })]);
  await eventually(
    'the notification is taken',
    async () => (await postAlerts(jidoka.url, again)).status,
    (status) => status === 200,
  );
  await eventually('both are escalated', escalations, (count) => count === 2);
});

async function escalations(): Promise<number> {
  const answer = await fetch(`${jidoka.url}/api/v1/escalations`);
  return answer.ok ? ((await answer.json()) as { items: unknown[] }).items.length : -1;
}

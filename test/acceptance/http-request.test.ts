import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { startHttpServer } from '../support/http-server.js';
import { type Jidoka, startJidoka } from '../support/jidoka.js';
import { makeDir } from '../support/parts/place.js';
import { usePart } from '../support/parts.js';

/* Webhook in, call out: the engine as it is started, with a policy, a playbook and a credential in a file. */

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

test('an alert has a listed host called, with the credential that the policy names', async () => {
  const server = await startHttpServer();
  undo.push(server.stop);
  server.answer = ({ headers }, reply) => reply(202, `queued for ${headers.authorization}`);
  const dir = await makeDir('playbooks');
  await writeFile(
    join(dir, 'policy.yaml'),
    `http: { hosts: [{ url: "${server.origin}", authorization: JIDOKA_HTTP_CI }] }\n`,
  );
  await writeFile(
    join(dir, 'restart-job.yaml'),
    `name: restart-job
summary: Has the job restart a service.
match: alertname = "Slow"
mode: auto
steps:
  - http.request: { url: "${server.origin}/job/restart?service=\${{ labels.service }}" }
`,
  );
  const secret = join(dir, 'secret');
  await writeFile(secret, 'Bearer correct-horse\n');
  const jidoka: Jidoka = await startJidoka({
    REDIS_URL: usePart('redis').url,
    JIDOKA_CELL: `http-${randomUUID()}`,
    JIDOKA_PLAYBOOKS: dir,
    JIDOKA_HTTP_CI_FILE: secret,
    LOG_LEVEL: 'debug',
  });
  undo.push(() => jidoka.stop());
  const alert = {
    status: 'firing',
    labels: { alertname: 'Slow', service: 'a&b=c' },
    annotations: {},
    startsAt: new Date().toISOString(),
    endsAt: '0001-01-01T00:00:00Z',
    generatorURL: '',
    fingerprint: '0123456789abcdef',
  };
  const answer = await fetch(`${jidoka.url}/webhooks/alertmanager`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      version: '4',
      groupKey: 'group',
      truncatedAlerts: 0,
      status: 'firing',
      receiver: 'jidoka',
      groupLabels: {},
      commonLabels: {},
      commonAnnotations: {},
      externalURL: '',
      alerts: [alert],
    }),
  });
  expect(answer.ok).toBe(true);
  await eventually(
    'the host is called',
    () => server.requests.length,
    (count) => count === 1,
  );
  expect(server.requests[0]).toMatchObject({
    method: 'POST',
    path: '/job/restart?service=a%26b%3Dc',
    headers: { authorization: 'Bearer correct-horse' },
  });
  const audit = await eventually(
    'the answer is in the trail',
    async () => JSON.stringify(await jidoka.api('audit')),
    (text) => text.includes('answered 202 Accepted: queued for [secret]'),
  );
  const runs = JSON.stringify(await jidoka.api('runs'));
  expect([audit, runs, ...jidoka.logged, ...jidoka.report].join('\n')).not.toContain(
    'correct-horse',
  );
});

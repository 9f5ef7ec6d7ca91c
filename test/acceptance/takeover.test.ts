import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { documentBlock } from '../support/document.js';
import { eventually } from '../support/eventually.js';
import { type Jidoka, startJidoka } from '../support/jidoka.js';
import { startAlertmanager } from '../support/parts/alertmanager.js';
import { dockerClient, startService, type TestService } from '../support/parts/docker.js';
import { usePart } from '../support/parts.js';

/*
 * Whoever called Jenkins' jobs or docker-scaler calls Jidoka, with nothing changed but the host name,
 * and the replicas of a service of a real Swarm change.
 */

const undo: (() => Promise<unknown>)[] = [];
const fromJenkins = 'docs/how-to/move-from-jenkins.md';
const fromDockerScaler = 'docs/how-to/move-from-docker-scaler.md';
let service: TestService;
let jidoka: Jidoka;

beforeAll(async () => {
  service = await startService({
    name: 'go-demo_main',
    replicas: 2,
    labels: { 'com.df.scaleMin': '2', 'com.df.scaleMax': '4' },
  });
  undo.push(() => service.remove());
  jidoka = await startJidoka({
    REDIS_URL: usePart('redis').url,
    JIDOKA_CELL: `takeover-${randomUUID()}`,
    DOCKER_HOST: usePart('docker').dockerHost,
    JIDOKA_PLAYBOOKS: await playbooks(),
    JIDOKA_WEBHOOK_TOKEN: 'DevOps22',
    JIDOKA_ADMIN_TOKEN: 'admin',
    JIDOKA_LISTEN: '127.0.0.1',
  });
  undo.push(() => jidoka.stop());
});

afterAll(async () => {
  for (const step of undo.reverse()) await step();
});

const replicas = async (): Promise<number | undefined> =>
  (await dockerClient().getService(service.id).inspect()).Spec.Mode.Replicated.Replicas;

const call = (path: string, body?: unknown) =>
  fetch(`${jidoka.url}${path}`, {
    method: 'POST',
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });

describe('Jenkins', () => {
  test("the book's Alertmanager scales a service, with nothing changed but the host name", async () => {
    const text = documentBlock(fromJenkins, 'yaml', '# book');
    const config = parse(
      text
        .replaceAll('http://jidoka.example.com:9095', jidoka.url)
        .replaceAll('go-demo_main', service.name),
    );
    const quick = { group_wait: '0s', group_interval: '1s', repeat_interval: '1h' };
    const alertmanager = await startAlertmanager({
      config: { ...config, route: { ...config.route, ...quick } },
    });
    undo.push(alertmanager.stop);
    await promisify(execFile)(usePart('alertmanager').amtool, [
      ...['alert', 'add', `--alertmanager.url=${alertmanager.url}`],
      ...['alertname=slow', `service=${service.name}`, 'scale=up'],
    ]);
    await eventually('the service has 3 replicas', replicas, (count) => count === 3);
  }, 60_000);

  test('a build can be asked what became of it', async () => {
    const path = `/job/service-scale/buildWithParameters?service=${service.name}&scale=-1`;
    const answer = await call(`${path}&token=DevOps22`);
    expect(answer.status).toBe(201);
    const item = `${answer.headers.get('location')}api/json?token=DevOps22`;
    const left = await eventually(
      'the item has left the queue',
      async () => (await (await fetch(item)).json()) as { executable?: { url: string } },
      ({ executable }) => executable !== undefined,
    );
    const build = await eventually(
      'the build is over',
      async () =>
        (await (await fetch(`${left.executable?.url}api/json?token=DevOps22`)).json()) as {
          result: string | null;
        },
      ({ result }) => result !== null,
    );
    expect(build).toMatchObject({
      building: false,
      result: 'SUCCESS',
      description: `Scaling ${service.name} from 3 to 2 replicas`,
    });
    expect(await replicas()).toBe(2);
  }, 60_000);
});

describe('docker-scaler', () => {
  const scale = async (query: string, body?: unknown) => {
    const answer = await call(`/v1/scale-service?token=DevOps22${query}`, body);
    return { code: answer.status, ...((await answer.json()) as object) };
  };

  test('its client scales a service, and reads what was done from the answer', async () => {
    const group = { groupLabels: { service: service.name, scale: 'up' } };
    expect(await scale('', group)).toEqual({
      code: 200,
      status: 'OK',
      message: `Scaling ${service.name} from 2 to 3 replicas`,
    });
    expect(await replicas()).toBe(3);
  }, 60_000);

  /** A service of this test's own, with bounds. */
  async function bounded(name: string, count: number, min: string, max: string) {
    const labels = { 'com.df.scaleMin': min, 'com.df.scaleMax': max };
    const started = await startService({ name, replicas: count, labels });
    undo.push(() => started.remove());
    const size = async () =>
      (await dockerClient().getService(started.id).inspect()).Spec.Mode.Replicated.Replicas;
    return { name: started.name, size };
  }

  test('up never shrinks and down never grows, and neither is an error', async () => {
    const crowded = await bounded('crowded', 4, '1', '3');
    const lonely = await bounded('lonely', 1, '3', '5');
    expect(await scale(`&service=${crowded.name}&scale=up&by=1`)).toMatchObject({
      code: 200,
      status: 'OK',
      message: expect.stringContaining('its max is 3'),
    });
    expect(await scale(`&service=${lonely.name}&scale=down&by=1`)).toMatchObject({
      code: 200,
      status: 'OK',
      message: expect.stringContaining('its min is 3'),
    });
    expect([await crowded.size(), await lonely.size()]).toEqual([4, 1]);
  }, 60_000);

  test('numbers as texts are numbers, and of calls at the same time none fails', async () => {
    const busy = await bounded('busy', 1, '1', '5');
    const group = { groupLabels: { service: busy.name, scale: 'up', by: '2' } };
    const answers = await Promise.all(Array.from({ length: 6 }, () => scale('', group)));
    expect(answers.map(({ code }) => code)).toEqual(Array(6).fill(200));
    expect(await busy.size()).toBeGreaterThanOrEqual(3);
    expect(await busy.size()).toBeLessThanOrEqual(5);
  }, 60_000);

  test('says why nothing was done, and does not have it sent again', async () => {
    expect(await scale('&service=nowhere&scale=up')).toMatchObject({
      code: 400,
      status: 'NOK',
      message: expect.stringContaining('the target does not exist'),
    });
  }, 60_000);
});

test.each([
  [fromJenkins, '/jenkins/job/', /201 Created/],
  [fromDockerScaler, '/v1/scale-service?', /"status":"OK"/],
])('the call in %s is taken', async (page, part, answer) => {
  const command = documentBlock(page, 'sh', part)
    .replace('http://127.0.0.1:9095', jidoka.url)
    .replace('go-demo_main', service.name);
  const { stdout } = await promisify(execFile)('sh', ['-c', command]);
  expect(stdout).toMatch(answer);
});

/** The shipped playbooks without their cooldowns. */
async function playbooks(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'jidoka-playbooks-'));
  undo.push(() => rm(dir, { recursive: true }));
  await cp('playbooks', dir, { recursive: true });
  for (const file of await readdir(dir)) {
    const text = await readFile(join(dir, file), 'utf8');
    await writeFile(join(dir, file), text.replace(/cooldown: \w+/, 'cooldown: 0'));
  }
  return dir;
}

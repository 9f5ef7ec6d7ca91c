import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { type Jidoka, startJidoka } from '../support/jidoka.js';
import { dockerClient } from '../support/parts/docker.js';
import { makeDir } from '../support/parts/place.js';
import { usePart } from '../support/parts.js';

/* Webhook in, script out: the engine as it is started, a job on a real Swarm, and its output on the page of the run. */

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

interface Run {
  readonly id: string;
  readonly state: string;
  readonly outcome: { readonly kind: string; readonly reason: string } | null;
  readonly attempts: readonly {
    readonly execution?: {
      readonly exitCode: number | null;
      readonly log: { readonly text: string };
    };
  }[];
}

/** An engine with one job, which runs this script. */
async function start(script: string): Promise<Jidoka> {
  const { dockerHost, image } = usePart('docker');
  const dir = await makeDir('playbooks');
  await writeFile(join(dir, 'clean.sh'), `#!/bin/busybox sh\n${script}\n`);
  await writeFile(
    join(dir, 'jobs.yaml'),
    `jobs:
  clean:
    image: ${image}
    script: clean.sh
    inputs: { node: { type: node }, folder: { type: string, pattern: ".*" } }
    time_limit: 5s
    stop: { grace: 1s }
`,
  );
  await writeFile(
    join(dir, 'clean.yaml'),
    `name: clean-disk
summary: Frees disk space.
match: alertname = "DiskFull"
mode: auto
steps:
  - swarm.job: { job: clean, with: { node: "\${{ labels.instance }}", folder: "\${{ labels.path }}" } }
guards: { cooldown: 0 }
`,
  );
  const jidoka = await startJidoka({
    REDIS_URL: usePart('redis').url,
    DOCKER_HOST: dockerHost,
    JIDOKA_CELL: `job-${randomUUID()}`,
    JIDOKA_PLAYBOOKS: dir,
  });
  undo.push(() => jidoka.stop());
  return jidoka;
}

async function post({ url }: Jidoka, status: 'firing' | 'resolved'): Promise<void> {
  const { Name: node = '' } = (await dockerClient().info()) as { Name?: string };
  const alert = {
    status,
    labels: { alertname: 'DiskFull', instance: `${node}:9100`, path: '/x"; exit 9; $(id) {{.}}' },
    annotations: {},
    startsAt: new Date().toISOString(),
    endsAt: status === 'firing' ? '0001-01-01T00:00:00Z' : new Date(Date.now() + 1).toISOString(),
    generatorURL: '',
    fingerprint: '0123456789abcdef',
  };
  const answer = await fetch(`${url}/webhooks/alertmanager`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      ...{ version: '4', groupKey: 'group', truncatedAlerts: 0, status, receiver: 'jidoka' },
      ...{ groupLabels: {}, commonLabels: {}, commonAnnotations: {}, externalURL: '' },
      alerts: [alert],
    }),
  });
  expect(answer.ok).toBe(true);
}

const runsOf = async (jidoka: Jidoka) =>
  (await jidoka.api<{ readonly items: readonly Run[] }>('runs')).items;

/** Nothing of a run is left on the Swarm. */
async function untilClear(id: string): Promise<void> {
  await eventually(
    'nothing is left over',
    async () => [
      ...(await dockerClient().listServices({ filters: { label: [`jidoka.run=${id}`] } })),
      ...(await dockerClient().listConfigs({ filters: { label: [`jidoka.run=${id}`] } })),
    ],
    (left) => left.length === 0,
  );
}

test('an alert runs a script on its node, and the page of the run shows what it printed', async () => {
  const jidoka = await start('echo "freed $folder"');
  await post(jidoka, 'firing');
  const [run] = await eventually(
    'the job is over',
    () => runsOf(jidoka),
    ([one]) => one?.attempts[0]?.execution !== undefined,
  );
  expect(run?.attempts[0]?.execution).toMatchObject({
    exitCode: 0,
    log: { text: 'freed /x"; exit 9; $(id) {{.}}\n' },
  });
  const page = await (await fetch(`${jidoka.url}/runs/${run?.id}`)).text();
  expect(page).toContain('exit code 0');
  expect(page).toContain('freed /x&quot;; exit 9; $(id) {{.}}');
  await untilClear(run?.id ?? '');
  await post(jidoka, 'resolved');
  const [ended] = await eventually(
    'the run is done',
    () => runsOf(jidoka),
    ([one]) => one?.state === 'ended',
  );
  expect(ended?.outcome).toMatchObject({ kind: 'done', reason: 'resolved' });
});

test('a script that takes too long is ended, and nothing of it is left', async () => {
  const jidoka = await start('echo begun; exec /bin/busybox sleep 600');
  await post(jidoka, 'firing');
  const [run] = await eventually(
    'the run has ended',
    () => runsOf(jidoka),
    ([one]) => one?.state === 'ended',
  );
  expect(run).toMatchObject({
    outcome: { kind: 'failed', reason: 'timed_out' },
    attempts: [{ execution: { log: { text: 'begun\n' } } }],
  });
  await untilClear(run?.id ?? '');
});

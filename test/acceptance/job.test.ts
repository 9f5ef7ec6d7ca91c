import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { postAlerts, webhookAlert, webhookBody } from '../support/alerts.js';
import { eventually } from '../support/eventually.js';
import { startHoldingProxy } from '../support/holding-proxy.js';
import { type Jidoka, startJidoka } from '../support/jidoka.js';
import { makeDir } from '../support/parts/place.js';
import { startSwarmNodes, type TestNode } from '../support/parts/swarm-nodes.js';
import { usePart } from '../support/parts.js';

/*
 * Webhook in, script out: the engine as it is started, and jobs on a real Swarm of two engines. All alerts fire at
 * the beginning, each starts a job of its own, and each test looks at one of them.
 */

const image = 'jidoka-test/busybox:jobs';
const hostile = '/x"; exit 9; $(id) {{.}}';
const undo: (() => Promise<unknown>)[] = [];
let wire: Awaited<ReturnType<typeof startSwarmNodes>>;
let manager: TestNode;
let worker: TestNode;
let jidoka: Jidoka;
/** How often the start of the job that hangs was asked for. */
let held = 0;

/** A job, and the script that it runs. */
const jobs: Readonly<Record<string, { readonly script: string; readonly more?: string }>> = {
  clean: {
    script: 'echo "freed $folder on $node"',
    more: 'inputs: { node: { type: node }, folder: { type: string, pattern: ".*" } }',
  },
  fails: { script: 'echo broken; exit 1' },
  retries: {
    script: 'echo x >> /state/tries; test "$(/bin/busybox wc -l < /state/tries)" -ge 3 || exit 75',
    more: 'constraints: [node.role == manager]',
  },
  slow: { script: 'echo begun; exec /bin/busybox sleep 600', more: 'time_limit: 10s' },
  endless: { script: 'echo working; exec /bin/busybox sleep 600' },
  missing: { script: 'true', more: 'image: jidoka-test/nothing:1' },
  hangs: { script: 'echo once' },
  // two that are at work on the worker when it dies: one is bound to it, one could run anywhere
  bound: {
    script: 'echo begun; exec /bin/busybox sleep 600',
    more: 'inputs: { node: { type: node } }',
  },
  free: { script: 'echo begun; exec /bin/busybox sleep 600' },
};
const withNode: Readonly<Record<string, string>> = {
  clean: 'node: "${{ labels.instance }}", folder: "${{ labels.path }}"',
  bound: 'node: "${{ labels.instance }}"',
};

beforeAll(async () => {
  wire = await startSwarmNodes(await makeDir('job-nodes'), (line) => console.log(line));
  undo.push(wire.stop);
  [manager, worker] = await Promise.all([
    wire.add('manager', '10.99.0.10', image),
    wire.add('worker', '10.99.0.11', image),
  ]);
  const { docker, address, dockerHost } = manager;
  await docker.swarmInit({ ListenAddr: `${address}:2377`, AdvertiseAddr: address });
  const { JoinTokens } = await docker.swarmInspect();
  await worker.docker.swarmJoin({
    ListenAddr: `${worker.address}:2377`,
    AdvertiseAddr: worker.address,
    RemoteAddrs: [`${address}:2377`],
    JoinToken: JoinTokens.Worker,
  });
  await eventually('the worker is there', nodeStates, ({ worker }) => worker === 'ready');

  const dir = await makeDir('job-playbooks');
  const state = join(await makeDir('job-state'), 'state');
  await mkdir(state);
  await writeFile(join(dir, 'policy.yaml'), `jobs: { mounts: [${JSON.stringify(state)}] }\n`);
  const declared = Object.entries(jobs).map(([name, { more = '' }]) => {
    const own = [
      ...(more.includes('image:') ? [] : [`image: ${image}`]),
      ...(more.includes('time_limit:') ? [] : ['time_limit: 2m']),
      ...(more === '' ? [] : [more]),
      `mounts: [{ source: ${JSON.stringify(state)}, target: /state, read_only: false }]`,
      `script: ${name}.sh`,
      'stop: { grace: 1s }',
    ];
    return `  ${name}:\n${own.map((line) => `    ${line}\n`).join('')}`;
  });
  await writeFile(join(dir, 'jobs.yaml'), `jobs:\n${declared.join('')}`);
  for (const [name, { script }] of Object.entries(jobs)) {
    await writeFile(join(dir, `${name}.sh`), `#!/bin/busybox sh\n${script}\n`);
    await writeFile(
      join(dir, `${name}.yaml`),
      `name: ${name}
summary: Runs ${name}.
match: alertname = "${name}"
mode: auto
steps:
  - swarm.job: { job: ${name}, with: { ${withNode[name] ?? ''} } }
guards: { cooldown: 0 }
`,
    );
  }

  const proxy = await startHoldingProxy({
    socketPath: dockerHost.replace('unix://', ''),
    holds(request, body) {
      const isIt = /^POST \S*\/services\/create/.test(request) && body.includes('"hangs"');
      if (isIt) held += 1;
      return isIt && held === 1;
    },
  });
  undo.push(proxy.stop);
  jidoka = await startJidoka({
    REDIS_URL: usePart('redis').url,
    DOCKER_HOST: proxy.dockerHost,
    JIDOKA_CELL: `job-${randomUUID()}`,
    JIDOKA_PLAYBOOKS: dir,
  });
  undo.push(() => jidoka.stop());
  // the one that no node is given for goes to the worker while the manager takes none
  await setManager('pause');
  await send(['free'], 'firing');
  await until('free', ({ attempts }) => /is running on worker/.test(attempts[0]?.seen ?? ''));
  await setManager('active');
  await send(
    Object.keys(jobs).filter((name) => name !== 'free'),
    'firing',
  );
});

afterAll(async () => {
  for (const step of undo.reverse()) await step();
});

interface Run {
  readonly id: string;
  readonly state: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly outcome: { readonly kind: string; readonly reason: string; detail: string } | null;
  readonly attempts: readonly {
    readonly seen: string;
    readonly later?: boolean;
    readonly execution?: {
      readonly exitCode: number | null;
      readonly node: string | null;
      readonly log: { readonly text: string };
    };
  }[];
}

async function send(names: readonly string[], status: 'firing' | 'resolved'): Promise<void> {
  const alerts = names.map((alertname) => {
    // as exporters give it: one by its name, one by its address
    const instance = alertname === 'clean' ? 'worker:9100' : `${worker.address}:9100`;
    return webhookAlert({ alertname, instance, path: hostile }, { status });
  });
  expect((await postAlerts(jidoka.url, webhookBody(alerts))).ok).toBe(true);
}

/** The run of an alert, once it is as it should be. */
async function until(name: string, isSo: (run: Run) => boolean, withinMs = 60_000): Promise<Run> {
  const runs = await eventually(
    `the run of ${name} is so far`,
    async () => {
      const { items } = await jidoka.api<{ items: readonly Run[] }>('runs?limit=100');
      return items.filter(({ labels }) => labels.alertname === name);
    },
    ([run]) => run !== undefined && isSo(run),
    withinMs,
  );
  expect(runs).toHaveLength(1);
  return runs[0] as Run;
}

const ended = (name: string, withinMs?: number) =>
  until(name, ({ state }) => state === 'ended', withinMs);

async function nodeStates(): Promise<Readonly<Record<string, string>>> {
  const nodes = (await manager.docker.listNodes()) as unknown as {
    readonly Description?: { readonly Hostname: string };
    readonly Status: { readonly State: string };
  }[];
  return Object.fromEntries(
    nodes.map(({ Description, Status }) => [Description?.Hostname ?? '', Status.State]),
  );
}

async function setManager(availability: 'active' | 'pause'): Promise<void> {
  const { Swarm } = await manager.docker.info();
  const node = await manager.docker.getNode(Swarm.NodeID).inspect();
  const { ID, Version, Spec } = node as { ID: string; Version: { Index: number }; Spec: object };
  await manager.docker
    .getNode(ID)
    .update({ _query: { version: Version.Index }, _body: { ...Spec, Availability: availability } });
}

/** Containers of a run on all engines that answer, those that have ended too. */
async function containersOf(id: string): Promise<string[]> {
  const lists = await Promise.all(
    [manager, worker].map(({ docker }) => docker.listContainers({ all: true }).catch(() => [])),
  );
  return lists
    .flat()
    .map(({ Names }) => Names.join())
    .filter((name) => name.includes(`jidoka-${id}-`));
}

/** Nothing of a run is left on the Swarm. */
async function untilClear(id: string): Promise<void> {
  const filters = { label: [`jidoka.run=${id}`] };
  await eventually(
    'nothing is left over',
    async () => [
      ...(await manager.docker.listServices({ filters })).map(({ Spec }) => Spec?.Name),
      ...(await manager.docker.listConfigs({ filters })).map(({ Spec }) => Spec?.Name),
      ...(await containersOf(id)),
    ],
    (left) => left.length === 0,
    60_000,
  );
}

async function escalationsOf(name: string) {
  const { items } = await jidoka.api<{
    items: readonly { readonly reason: string; readonly labels: Record<string, string> }[];
  }>('escalations?limit=100');
  return items.filter(({ labels }) => labels.alertname === name).map(({ reason }) => reason);
}

const page = async ({ id }: Run) => (await fetch(`${jidoka.url}/runs/${id}`)).text();

test('an alert runs a script on its node, and the page of the run shows what it printed', async () => {
  const run = await until('clean', ({ attempts }) => attempts[0]?.execution !== undefined);
  expect(run.attempts[0]?.execution).toMatchObject({
    exitCode: 0,
    node: 'worker',
    log: { text: `freed ${hostile} on worker\n` },
  });
  const html = await page(run);
  expect(html).toContain('exit code 0');
  expect(html).toContain('freed /x&quot;; exit 9; $(id) {{.}}');
  await untilClear(run.id);
  await send(['clean'], 'resolved');
  const { outcome } = await ended('clean');
  expect(outcome).toMatchObject({ kind: 'done', reason: 'resolved' });
});

test('a script that fails ends the run, and a person sees its exit code and its output', async () => {
  const run = await ended('fails');
  expect(run).toMatchObject({
    outcome: { kind: 'failed', reason: 'job_failed' },
    attempts: [{ execution: { exitCode: 1, log: { text: 'broken\n' } } }],
  });
  expect(await escalationsOf('fails')).toEqual(['job_failed']);
  const html = await page(run);
  expect(html).toContain('exit code 1');
  expect(html).toContain('broken');
  await untilClear(run.id);
});

test('a script that takes too long is ended, and nothing of it is left', async () => {
  const run = await ended('slow');
  expect(run).toMatchObject({
    outcome: { kind: 'failed', reason: 'timed_out' },
    attempts: [{ execution: { log: { text: 'begun\n' } } }],
  });
  await untilClear(run.id);
});

test('a person who cancels a run ends its script', async () => {
  const { id } = await until('endless', ({ attempts }) =>
    /is running/.test(attempts[0]?.seen ?? ''),
  );
  await eventually(
    'it runs',
    () => containersOf(id),
    (containers) => containers.length === 1,
  );
  const answer = await fetch(`${jidoka.url}/api/v1/runs/${id}/cancel`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ by: 'ada', comment: 'enough' }),
  });
  expect(answer.ok).toBe(true);
  expect(await ended('endless')).toMatchObject({
    outcome: { kind: 'withdrawn', reason: 'cancelled' },
    attempts: [{ execution: { log: { text: 'working\n' } } }],
  });
  await untilClear(id);
});

test('a missing image is told as the reason', async () => {
  const run = await ended('missing');
  expect(run.outcome).toMatchObject({ kind: 'failed', reason: 'job_failed' });
  expect(run.outcome?.detail).toContain('No such image');
  await untilClear(run.id);
});

test('a Docker that hangs on the start of a job starts it once', async () => {
  const run = await until('hangs', ({ attempts }) => attempts[0]?.execution !== undefined);
  expect(run.attempts).toMatchObject([{ execution: { exitCode: 0, log: { text: 'once\n' } } }]);
  expect(held).toBe(1);
  await untilClear(run.id);
});

test('jobs on a node that dies are not known, are told, and are started nowhere else', async () => {
  const bound = await until('bound', ({ attempts }) =>
    /is running on worker/.test(attempts[0]?.seen ?? ''),
  );
  const free = await until('free', () => true);
  await worker.kill();
  for (const name of ['bound', 'free']) {
    const run = await ended(name, 90_000);
    expect(run.attempts, name).toHaveLength(1);
    expect(run.outcome, name).toMatchObject({ kind: 'unknown', reason: 'unknown_outcome' });
    expect(run.outcome?.detail, name).toContain('when Swarm lost the node');
    expect(await escalationsOf(name)).toEqual(['unknown_outcome']);
    // it is the manager alone that answers
    expect(await containersOf(run.id), name).toEqual([]);
  }
  worker = await wire.add('worker', '10.99.0.11', image);
  await eventually('the worker is back', nodeStates, ({ worker }) => worker === 'ready', 60_000);
  for (const { id } of [bound, free]) await untilClear(id);
  for (const name of ['bound', 'free']) expect((await ended(name)).attempts, name).toHaveLength(1);
});

test('a script that asks for it twice is run again, and is done the third time', async () => {
  const run = await until(
    'retries',
    ({ attempts }) => attempts.at(-1)?.execution?.exitCode === 0,
    150_000,
  );
  expect(run.attempts.map(({ execution }) => execution?.exitCode)).toEqual([75, 75, 0]);
  await send(['retries'], 'resolved');
  expect((await ended('retries')).outcome).toMatchObject({ kind: 'done', reason: 'resolved' });
  await untilClear(run.id);
});

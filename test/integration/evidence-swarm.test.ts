import { afterEach, beforeEach, expect, test } from 'vitest';
import { connectSwarm } from '../../src/integrations/swarm/connect.js';
import { isThere } from '../../src/ledger/evidence.js';
import { createTargetHistory } from '../../src/ledger/target-history.js';
import { createLogger } from '../../src/lib/logger.js';
import { createMetrics } from '../../src/lib/metrics.js';
import { eventually } from '../support/eventually.js';
import { startEvidence } from '../support/evidence.js';
import { noHistory } from '../support/no-history.js';
import { dockerClient } from '../support/parts/docker.js';
import { usePart } from '../support/parts.js';

/* What happens to services of a real Swarm, and why their tasks fail. */

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

let bench: ReturnType<typeof startEvidence>;
beforeEach(() => {
  const { dockerHost } = usePart('docker');
  const connected = connectSwarm(
    { dockerHost },
    { timeoutMs: 5_000, secrets: () => [], history: noHistory },
  );
  const { evidence } = connected;
  bench = startEvidence({ sources: evidence === undefined ? [] : [evidence], logs: true });
  const { ledger, clock } = bench;
  const watch = connected.watch?.({
    report: async () => {},
    describe: () => {},
    isOver: async () => false,
    history: createTargetHistory({ ledger, clock }),
    ...{ metrics: createMetrics(), clock, log: createLogger('silent') },
  });
  cleanups.push(bench.stop, async () => watch?.stop?.());
});

async function start(name: string, command: readonly string[]) {
  const { image, prefix, nodeId } = usePart('docker');
  const docker = dockerClient();
  const { redis, ledger } = bench;
  const isWatched = () => redis.exists(ledger.keys.targetHistorySeen('swarm'));
  await eventually('services are watched', isWatched, (found) => found === 1);
  const spec = {
    Name: `${prefix}${name}`,
    Mode: { Replicated: { Replicas: 1 } },
    TaskTemplate: {
      ContainerSpec: { Image: image, Command: [...command], StopGracePeriod: 100_000_000 },
      Placement: { Constraints: [`node.id==${nodeId}`] },
      RestartPolicy: { Condition: 'any', Delay: 200_000_000 },
    },
  };
  const { id } = await docker.createService(spec);
  const service = docker.getService(id);
  cleanups.push(() => service.remove());
  type Spec = typeof spec;
  async function update(change: (current: Spec) => void): Promise<void> {
    const { Version, Spec } = await service.inspect();
    change(Spec);
    await service.update({ version: Version.Index, ...Spec });
  }
  return { id, name: spec.Name, image, update };
}

const sleeping = ['/bin/busybox', 'sleep', '86400'];

async function gather(service: string, createdAtMs = Date.now()) {
  const { id } = await bench.escalate({ labels: { alertname: 'Slow', service }, createdAtMs });
  const found = await bench.gather(id);
  if (found === null) throw new Error('nothing was gathered');
  return found;
}

const changesOf = async (service: string) => {
  const { changes } = await gather(service);
  return isThere(changes)
    ? changes.items.map(({ kind, text }) => `${kind}: ${text}`)
    : [changes.missing];
};

test('a deploy shows as the change before the alert, and a size that others set with it', async () => {
  const { name, image, update } = await start('evidence-deploy', sleeping);
  await eventually(
    'it is seen',
    () => changesOf(name),
    (seen) => seen.length > 0,
  );
  const repo = `${image.split(':')[0]}-next`;
  const next = `${repo}:2`;
  await dockerClient().getImage(image).tag({ repo, tag: '2' });
  cleanups.push(() => dockerClient().getImage(next).remove());
  await update((spec) => {
    spec.TaskTemplate.ContainerSpec.Image = next;
  });
  const deployed = `deployed: ${name} deployed: ${image} → ${next}`;
  await eventually(
    'the deploy is seen',
    () => changesOf(name),
    (seen) => seen.includes(deployed),
  );
  await update((spec) => {
    spec.Mode.Replicated.Replicas = 2;
  });
  const scaled = `scaled: ${name} scaled: 1 → 2`;
  await eventually(
    'the size is seen',
    () => changesOf(name),
    (seen) => seen.includes(scaled),
  );

  const found = await gather(name, Date.now() + 12 * 60_000);
  expect(found.headline).toBe(`Deployed 12 minutes before the alert: ${image} → ${next}`);
  expect(found.changes).toMatchObject({ note: expect.stringContaining('watches them only for') });
});

test('a failing task shows its error, its exit code, its node and its log without secrets', async () => {
  const script = 'echo password=hunter2 known-secret; echo no such table >&2; exit 3';
  const { name } = await start('evidence-fails', ['/bin/busybox', 'sh', '-c', script]);
  const found = await eventually(
    // the engine may hand out a log in part while it is written
    'its tasks have failed, with a whole log',
    async () => (await gather(name)).tasks,
    (tasks) =>
      isThere(tasks) &&
      (tasks.services[0]?.failed ?? 0) > 0 &&
      tasks.services[0]?.logs?.length === 2,
  );
  if (!isThere(found)) throw new Error('no tasks');
  const [service] = found.services;
  expect(service).toMatchObject({ name, desired: 1 });
  expect(service?.failures[0]).toMatchObject({
    state: 'failed',
    exitCode: 3,
    error: expect.stringContaining('non-zero exit (3)'),
    node: expect.stringMatching(/./),
  });
  expect(service?.logs).toEqual(
    expect.arrayContaining(['password=[secret] [secret]', 'no such table']),
  );
  expect((await gather(name)).headline).toMatch(
    /failed, last with exit code 3: task: non-zero exit/,
  );
});

test('a service that is not in the Swarm is not looked for further', async () => {
  expect(await gather('elsewhere')).toMatchObject({
    tasks: { missing: 'The alert names no service of the Swarm.' },
  });
});

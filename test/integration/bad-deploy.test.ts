import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AnyAction, Plan } from '../../src/integrations/contract/action.js';
import type { LatestDeploy } from '../../src/integrations/contract/deploys.js';
import { TargetError } from '../../src/integrations/contract/target-error.js';
import { connectSwarm } from '../../src/integrations/swarm/connect.js';
import { swarm } from '../../src/integrations/swarm/swarm.js';
import { createLedger } from '../../src/ledger/ledger.js';
import { createTargetHistory } from '../../src/ledger/target-history.js';
import { systemClock } from '../../src/lib/clock.js';
import { createLogger } from '../../src/lib/logger.js';
import { createMetrics } from '../../src/lib/metrics.js';
import { eventually, untilPasses } from '../support/eventually.js';
import { dockerClient, startService, type TestService } from '../support/parts/docker.js';
import { usePart } from '../support/parts.js';
import { sendingOf } from '../support/sending.js';

/* Deploys of services of a real Swarm, as a real Redis keeps them, and what takes them back. */

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

let actions: ReadonlyMap<string, AnyAction>;
let service: TestService;
let images: readonly [string, string];

beforeEach(async () => {
  const { url } = usePart('redis');
  const { dockerHost, image } = usePart('docker');
  const redis = new Redis(url);
  const ledger = createLedger({ redis, cell: `test-${randomUUID()}` });
  const history = createTargetHistory({ ledger, clock: systemClock });
  const context = { timeoutMs: 5_000, secrets: () => [], history };
  const connected = connectSwarm({ dockerHost }, context);
  const all = swarm.actions(connected.clients) as readonly AnyAction[];
  actions = new Map(all.map((action) => [action.name, action]));

  const repo = `${image.split(':')[0]}-bad`;
  await dockerClient().getImage(image).tag({ repo, tag: '2' });
  images = [image, `${repo}:2`];
  service = await startService({ name: `deploy-${randomUUID().slice(0, 8)}`, replicas: 1 });
  await untilPasses(async () => expect(await service.running()).toBe(1));
  const watch = connected.watch?.({
    report: async () => {},
    describe: () => {},
    isOver: async () => false,
    history,
    ...{ metrics: createMetrics(), clock: systemClock, log: createLogger('silent') },
  });
  const { targetHistory, targetHistorySeen, targetVersions } = ledger.keys;
  cleanups.push(
    async () => redis.quit(),
    () =>
      redis.del(
        ...[targetHistory(`swarm.service/${service.id}`), targetHistorySeen('swarm')],
        targetVersions('swarm'),
      ),
    () => dockerClient().getImage(images[1]).remove({ force: true }),
    () => service.remove(),
    async () => watch?.stop?.(),
  );
  await eventually('the service is watched', latest, ({ kind }) => kind === 'none');
});

const restoring = () => actions.get('swarm.restore_image') as AnyAction;
const params = () => ({ service: service.name });

/** Asks again while the history lags behind. */
async function caughtUp<T>(read: () => Promise<T>): Promise<T> {
  return eventually(
    'the history has caught up',
    async () => {
      try {
        return await read();
      } catch (error) {
        if (error instanceof TargetError && error.kind === 'unavailable') return undefined;
        throw error;
      }
    },
    (found) => found !== undefined,
  ) as Promise<T>;
}

async function latest(): Promise<LatestDeploy> {
  const scale = actions.get('swarm.scale') as AnyAction;
  return caughtUp(async () => {
    const read = await scale.latestDeploy?.(await scale.observe(params()));
    if (read === undefined) throw new Error('swarm.scale tells nothing of deploys');
    // before the first look there is no history at all
    if (read.kind === 'unknown') throw new TargetError('unavailable', read.detail);
    return read;
  });
}

const plan = (): Promise<Plan> =>
  caughtUp(async () => {
    const bounds = { min: undefined, max: undefined };
    return restoring().plan(params(), await restoring().observe(params()), bounds);
  });

interface Spec {
  Mode: { Replicated: { Replicas: number } };
  TaskTemplate: { ContainerSpec: { Image: string; Env?: string[] }; ForceUpdate?: number };
}

/** Updates the service as someone at a terminal does, and waits until its rollout is over. */
async function update(change: (spec: Spec) => void): Promise<void> {
  const known = dockerClient().getService(service.id);
  const { Version, Spec: spec } = await known.inspect();
  change(spec as Spec);
  await known.update({ version: Version.Index, ...spec });
  await eventually(
    'its tasks run',
    async () => {
      const { UpdateStatus, Spec: now } = await known.inspect();
      const isOver = UpdateStatus?.State === undefined || UpdateStatus.State === 'completed';
      return isOver && (await service.running()) === now?.Mode?.Replicated?.Replicas;
    },
    (isOver) => isOver,
  );
}

const deploy = (image: string) =>
  update((spec) => {
    spec.TaskTemplate.ContainerSpec.Image = image;
  });

test('a deploy is taken back to the image before, with what was changed since left as it is, and only once', async () => {
  const [old, bad] = images;
  await update((spec) => {
    spec.Mode.Replicated.Replicas = 2;
  });
  expect(await latest()).toMatchObject({ kind: 'none' });
  await deploy(bad);
  expect(await latest()).toMatchObject({ kind: 'deployed' });
  // from now on Swarm's own previous version is the bad one
  await update((spec) => {
    spec.Mode.Replicated.Replicas = 3;
  });

  const planned = await plan();
  expect(planned).toMatchObject({
    kind: 'change',
    op: { from: { image: bad }, to: { image: old } },
  });
  if (planned.kind !== 'change') throw new Error(planned.detail);
  const sending = sendingOf(params());
  await restoring().apply(planned, sending);
  await expect(restoring().apply(planned, sending)).rejects.toMatchObject({ kind: 'stale' });
  expect(await restoring().verify(planned, sending)).toMatchObject({ kind: 'converging' });
  await untilPasses(async () =>
    expect(await restoring().verify(planned, sending)).toMatchObject({ kind: 'converged' }),
  );
  const { Spec: restored } = await dockerClient().getService(service.id).inspect();
  expect(restored).toMatchObject({
    Mode: { Replicated: { Replicas: 3 } },
    TaskTemplate: { ContainerSpec: { Image: old } },
  });
  const again = { kind: 'refused', detail: expect.stringContaining('only once in 7 days') };
  expect(await plan()).toMatchObject(again);
  await deploy(bad);
  expect(await plan()).toMatchObject(again);
});

test('a deploy that changed the environment, too, is left to a person', async () => {
  await update((spec) => {
    spec.TaskTemplate.ContainerSpec.Image = images[1];
    spec.TaskTemplate.ContainerSpec.Env = ['MODE=new'];
  });
  expect(await latest()).toMatchObject({ kind: 'deployed' });
  expect(await plan()).toMatchObject({
    kind: 'refused',
    detail: expect.stringContaining('settings changed with the image'),
  });
});

test('while a rollout is in progress nothing else is planned, and what waited is planned when it is over', async () => {
  const settings = { Parallelism: 1, Delay: 3_000_000_000 };
  const known = dockerClient().getService(service.id);
  await update((spec) => {
    spec.Mode.Replicated.Replicas = 2;
  });
  const { Version, Spec: spec } = await known.inspect();
  const template = (spec as Spec).TaskTemplate;
  template.ContainerSpec.Image = images[1];
  await known.update({ version: Version.Index, ...spec, UpdateConfig: settings });
  await eventually(
    'the rollout is in progress',
    async () => (await known.inspect()).UpdateStatus?.State,
    (state) => state === 'updating',
  );
  const bounds = { min: 1, max: 9 };
  for (const [name, more] of [
    ['swarm.scale', { by: 1 }],
    ['swarm.restart', {}],
    ['swarm.restore_image', {}],
  ] as const) {
    const action = actions.get(name) as AnyAction;
    const planOf = () =>
      caughtUp(async () => {
        const given = { ...params(), ...more };
        return action.plan(given, await action.observe(given), bounds);
      });
    expect([name, (await planOf()).kind]).toEqual([name, 'wait']);
  }
  await eventually(
    'the rollout is over',
    async () => (await known.inspect()).UpdateStatus?.State,
    (state) => state === 'completed',
  );
  expect(await plan()).toMatchObject({ kind: 'change' });
});

import type { ServiceSpec } from 'dockerode';
import { afterEach, describe, expect, it } from 'vitest';
import type { AnyAction } from '../../src/integrations/contract/action.js';
import type { Change } from '../../src/integrations/contract/change.js';
import { createSwarm } from '../../src/integrations/swarm/client.js';
import { createSwarmRestart } from '../../src/integrations/swarm/restart.js';
import { createSwarmRollback } from '../../src/integrations/swarm/rollback.js';
import { createSwarmView, type SeenService } from '../../src/integrations/swarm/view.js';
import { createLogger } from '../../src/lib/logger.js';
import { untilPasses } from '../support/eventually.js';
import { dockerClient, startService, type TestService } from '../support/parts/docker.js';
import { usePart } from '../support/parts.js';
import { sendingOf } from '../support/sending.js';

const sending = sendingOf({ service: 'web' });

const noBounds = { min: undefined, max: undefined };
const second = 1_000_000_000;
const update = {
  ...{ Parallelism: 1, Order: 'stop-first', FailureAction: 'pause' },
  ...{ Monitor: second, MaxFailureRatio: 0 },
} as const;
const started: TestService[] = [];

async function start(name: string, replicas: number): Promise<TestService> {
  const service = await startService({ name, replicas, update });
  started.push(service);
  await untilPasses(async () => expect(await service.running()).toBe(replicas));
  return service;
}

const connect = () => createSwarm({ dockerHost: usePart('docker').dockerHost, timeoutMs: 10_000 });

async function plan(action: AnyAction, { name }: TestService) {
  return action.plan({ service: name }, await action.observe({ service: name }), noBounds);
}

async function change(action: AnyAction, service: TestService): Promise<Change> {
  const planned = await plan(action, service);
  if (planned.kind !== 'change') throw new Error(`no change: ${planned.detail}`);
  return planned;
}

async function taskIds({ id }: TestService): Promise<string[]> {
  const filters = { service: [id], 'desired-state': ['running'] };
  const tasks = await dockerClient().listTasks({ filters: JSON.stringify(filters) });
  return tasks.map((task) => task.ID as string);
}

/** Deploys something else than a sleep, as somebody at a terminal would. */
async function deploy({ id }: TestService, command: string): Promise<void> {
  const service = dockerClient().getService(id);
  const { Version, Spec } = await service.inspect();
  const { TaskTemplate } = Spec as { TaskTemplate: { ContainerSpec: object } };
  const ContainerSpec = { ...TaskTemplate.ContainerSpec, Command: ['/bin/busybox', command] };
  const _body = { ...Spec, TaskTemplate: { ...TaskTemplate, ContainerSpec } };
  await service.update({ _query: { version: Version.Index }, _body });
}

const commandOf = (spec: ServiceSpec) =>
  (spec.TaskTemplate as { ContainerSpec: { Command: string[] } }).ContainerSpec.Command[1];

describe('rollouts of a real Swarm', () => {
  afterEach(async () => {
    await Promise.all(started.splice(0).map((service) => service.remove()));
  });

  it('a restart replaces each task, one after another, and is over when all are new', async () => {
    const service = await start('restarted', 2);
    const action = createSwarmRestart({ swarm: connect() });
    const before = await taskIds(service);
    const planned = await change(action, service);
    await action.apply(planned, sending);
    await expect(action.apply(planned, sending)).rejects.toMatchObject({ kind: 'stale' });
    expect(await action.verify(planned, sending)).toMatchObject({ kind: 'converging' });
    expect(await plan(action, service)).toMatchObject({ kind: 'wait' });
    await untilPasses(async () =>
      expect(await action.verify(planned, sending)).toMatchObject({ kind: 'converged' }),
    );
    const after = await taskIds(service);
    expect(after).toHaveLength(2);
    expect(after.filter((id) => before.includes(id))).toEqual([]);
    expect((await connect().service(service.name)).forceUpdate).toBe(1);
  });

  it('a rollout that Swarm paused is rolled back once, and nothing else is', async () => {
    const service = await start('rolled-back', 2);
    const swarm = connect();
    const action = createSwarmRollback({ swarm });
    expect(await plan(action, service)).toMatchObject({ kind: 'refused' });
    await deploy(service, 'false');
    await untilPasses(async () =>
      expect((await swarm.service(service.name)).updateState).toBe('paused'),
    );
    const planned = await change(action, service);
    await action.apply(planned, sending);
    await expect(action.apply(planned, sending)).rejects.toMatchObject({ kind: 'stale' });
    await untilPasses(async () =>
      expect(await action.verify(planned, sending)).toMatchObject({ kind: 'converged' }),
    );
    expect(commandOf((await swarm.service(service.name)).spec)).toBe('sleep');
    expect(await plan(action, service)).toMatchObject({ kind: 'refused' });
  });

  it('a paused rollout that was scaled since has lost what came before, and is left to a person', async () => {
    const service = await start('scaled-since', 1);
    const swarm = connect();
    await deploy(service, 'false');
    const isPaused = async () =>
      expect((await swarm.service(service.name)).updateState).toBe('paused');
    await untilPasses(isPaused);
    await swarm.scale(await swarm.service(service.name), 2);
    const { updateState, spec, previousSpec } = await swarm.service(service.name);
    expect(updateState).not.toBe('paused');
    expect(commandOf(previousSpec ?? spec)).toBe('false');
    expect((await plan(createSwarmRollback({ swarm }), service)).kind).not.toBe('change');
  });

  it('is followed by its events: what is made, changed and removed is seen at once', async () => {
    let seen: readonly SeenService[] = [];
    const view = createSwarmView({
      swarm: connect(),
      clock: { now: () => Date.now() },
      log: createLogger('silent'),
      onSeen: (services) => {
        seen = services;
      },
    });
    try {
      await untilPasses(() => expect(view.count()).toBeDefined());
      const service = await startService({
        name: 'seen',
        replicas: 0,
        labels: { 'jidoka.mode': 'on' },
      });
      const { name, id } = service;
      const found = () => seen.find((one) => one.id === id);
      await untilPasses(() =>
        expect(found()).toMatchObject({ name, faults: [expect.any(String)] }),
      );
      await service.remove();
      await untilPasses(() => expect(found()).toBeUndefined());
    } finally {
      await view.stop();
    }
  });
});

import type { CreateServiceOptions } from 'dockerode';
import { afterEach, describe, expect, it } from 'vitest';
import type { Plan } from '../../src/integrations/contract/action.js';
import type { Change } from '../../src/integrations/contract/change.js';
import { createSwarm } from '../../src/integrations/swarm/client.js';
import { postText } from '../../src/integrations/swarm/docker-text.js';
import { createSwarmScale } from '../../src/integrations/swarm/scale.js';
import { isServiceName } from '../../src/integrations/swarm/service-name.js';
import { untilPasses } from '../support/eventually.js';
import { dockerClient } from '../support/parts/docker.js';
import { usePart } from '../support/parts.js';
import { sendingOf } from '../support/sending.js';

const sending = sendingOf({ service: 'web', by: 1 });

const noFallback = { min: undefined, max: undefined };
const started: string[] = [];

/**
 * Starts a service on the tests' engine that does nothing.
 *
 * @param edit changes the text that is posted, for numbers that JavaScript does not have
 */
async function start(
  name: string,
  options: Partial<CreateServiceOptions>,
  edit = (text: string) => text,
): Promise<string> {
  const { image, prefix, nodeId } = usePart('docker');
  const text = JSON.stringify({
    Name: `${prefix}${name}`,
    ...options,
    TaskTemplate: {
      ContainerSpec: {
        Image: image,
        Command: ['/bin/busybox', 'sleep', '86400'],
        Env: ['TOKEN=secret'],
        StopGracePeriod: 100_000_000,
      },
      Placement: { Constraints: [`node.id==${nodeId}`] },
      ...options.TaskTemplate,
    },
  });
  const { signal } = new AbortController();
  await postText(dockerClient(), '/services/create', {}, edit(text), signal);
  const { id } = await connect().swarm.service(`${prefix}${name}`);
  started.push(id);
  return `${prefix}${name}`;
}

const replicas = (count: number) => ({ Mode: { Replicated: { Replicas: count } } });

function connect() {
  const swarm = createSwarm({ dockerHost: usePart('docker').dockerHost, timeoutMs: 10_000 });
  const action = createSwarmScale({ swarm });
  async function plan(service: string, by: number): Promise<Plan> {
    const params = { service, by, min: 1, max: 5 };
    return action.plan(params, await action.observe(params), noFallback);
  }
  async function change(service: string, by: number): Promise<Change> {
    const planned = await plan(service, by);
    if (planned.kind !== 'change') throw new Error(`no change: ${planned.detail}`);
    return planned;
  }
  return { swarm, action, plan, change };
}

describe('a real Swarm', () => {
  afterEach(async () => {
    const client = dockerClient();
    await Promise.all(started.splice(0).map((id) => client.getService(id).remove()));
  });

  it('answers the check', async () => {
    const { swarm } = connect();
    expect(await swarm.check()).toMatchObject({
      engineVersion: expect.stringMatching(/^\d+\./),
      apiVersion: expect.stringMatching(/^1\.\d+$/),
      manager: true,
    });
  });

  it('scales a service from 1 to 3, and neither its task nor its specification suffers', async () => {
    const service = await start('grows', { ...replicas(1), Labels: { team: 'payments' } });
    const { swarm, action, change } = connect();
    const before = await swarm.service(service);
    await untilPasses(async () => expect((await swarm.tasks(before.id)).running).toBe(1));
    const tasks = async () =>
      dockerClient().listTasks({
        filters: { service: [before.id], 'desired-state': ['running'] },
      });
    const [first] = await tasks();

    const planned = await change(service, 2);
    expect(planned).toMatchObject({ op: { from: 1, to: 3, unit: 'replicas' } });
    await action.apply(planned, sending);
    await untilPasses(async () =>
      expect((await action.verify(planned, sending)).kind).toBe('converged'),
    );

    const after = await swarm.service(service);
    expect(after.spec).toEqual({ ...before.spec, Mode: { Replicated: { Replicas: 3 } } });
    expect((await tasks()).map((task) => task.ID)).toContain(first?.ID);
  });

  it.each(['9007199254740993', '9223372036854775807'])(
    'scales and restarts a service with a number of %s, which stays as it is',
    async (number) => {
      const limit = `{"Name":"core","Hard":${number},"Soft":${number}}`;
      const service = await start(`limit-${number.length}`, replicas(1), (text) =>
        text.replace('"Env"', `"Ulimits":[${limit}],"Env"`),
      );
      const { swarm, action, change } = connect();
      const { id } = await swarm.service(service);
      const running = () =>
        dockerClient().listTasks({ filters: { service: [id], 'desired-state': ['running'] } });
      const count = async () => (await swarm.tasks(id)).running;
      await untilPasses(async () => expect(await count()).toBe(1));
      const [first] = await running();

      await action.apply(await change(service, 1), sending);
      await untilPasses(async () => expect(await count()).toBe(2));
      const scaled = await swarm.service(service);
      expect(scaled.specText).toContain(`"Ulimits":[${limit}]`);
      expect((await running()).map((task) => task.ID)).toContain(first?.ID);

      await swarm.restart(scaled, 1);
      expect((await swarm.service(service)).specText).toContain(`"Ulimits":[${limit}]`);
    },
  );

  it('refuses an update made with a version that is not the latest', async () => {
    const service = await start('raced', replicas(1));
    const { swarm, action, change } = connect();
    const read = await swarm.service(service);
    const planned = await change(service, 1);
    await swarm.scale(await swarm.service(service), 3);

    await expect(action.apply(planned, sending)).rejects.toMatchObject({ kind: 'stale' });
    await expect(swarm.scale(read, 2)).rejects.toMatchObject({
      kind: 'stale',
      message: expect.stringContaining('update out of sequence'),
    });
    expect((await swarm.service(service)).replicas).toBe(3);
    expect(await action.verify(planned, sending)).toMatchObject({ kind: 'differs', observed: 3 });
  });

  it('reports tasks for which there is no room, although the update was taken', async () => {
    const service = await start('crowded', {
      ...replicas(1),
      TaskTemplate: { Resources: { Reservations: { MemoryBytes: 2 ** 50 } } },
    } as Partial<CreateServiceOptions>);
    const { swarm, action, change } = connect();
    const planned = await change(service, 1);
    await action.apply(planned, sending);
    const isShort = async () => (await swarm.servicesShort()).some(({ name }) => name === service);
    await untilPasses(async () =>
      expect(await action.verify(planned, sending)).toEqual({
        kind: 'converging',
        detail: expect.stringMatching(
          /0 of 2 replicas are running, 2 pending: no suitable node.*insufficient resources/,
        ),
      }),
    );
    expect(await isShort()).toBe(true);
    await dockerClient().getService(planned.target.id.slice('swarm.service/'.length)).remove();
    started.pop();
    expect(await isShort()).toBe(false);
  });

  it.each(['Global', 'ReplicatedJob', 'GlobalJob'])(
    'refuses a service of mode %s',
    async (mode) => {
      const service = await start(mode.toLowerCase(), { Mode: { [mode]: {} } });
      expect(await connect().plan(service, 1)).toMatchObject({
        kind: 'refused',
        reason: 'unsupported',
      });
    },
  );

  it.each(['jidoka.enable', 'jidoka.mode'])(
    'leaves a service alone whose container has the label %s',
    async (label) => {
      const service = await start(label.replace('.', '-'), replicas(1), (text) =>
        text.replace('"Env"', `"Labels":{"${label}":"false"},"Env"`),
      );
      expect(await connect().plan(service, 1)).toMatchObject({
        kind: 'refused',
        reason: 'labels_unreadable',
        detail: expect.stringContaining(`label ${label} is set on the container`),
      });
    },
  );

  it('waits while a rollout is in progress', async () => {
    const service = await start('rolling', {
      ...replicas(2),
      UpdateConfig: { Parallelism: 1, Delay: 600_000_000_000, Order: 'stop-first' },
    });
    const { swarm, plan } = connect();
    const { id, spec, version } = await swarm.service(service);
    const template = { ...spec.TaskTemplate, ForceUpdate: 1 };
    await dockerClient()
      .getService(id)
      .update({ _query: { version }, _body: { ...spec, TaskTemplate: template } });
    await untilPasses(async () => {
      expect(await plan(service, 1)).toEqual({
        kind: 'wait',
        detail: expect.stringContaining('a rollout is in progress (updating)'),
      });
    });
  });

  it('finds a service by its whole name or id only', async () => {
    const service = await start('named', replicas(1));
    const { swarm } = connect();
    const { id } = await swarm.service(service);
    expect((await swarm.service(id)).name).toBe(service);
    for (const name of [service.slice(0, -1), id.slice(0, 12), 'nothing']) {
      await expect(swarm.service(name)).rejects.toMatchObject({ kind: 'not_found' });
    }
  });

  it('has no services whose names our grammar would refuse', async () => {
    for (const name of ['-a', 'a-', 'a.b', 'a/b', 'a b', '*', 'x'.repeat(64)]) {
      expect(isServiceName(name)).toBe(false);
      const created = dockerClient().createService({
        Name: name,
        ...replicas(0),
        TaskTemplate: { ContainerSpec: { Image: usePart('docker').image } },
      });
      await expect(created).rejects.toMatchObject({ statusCode: 400 });
    }
  });
});

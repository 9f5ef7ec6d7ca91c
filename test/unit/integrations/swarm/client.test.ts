import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TargetErrorKind } from '../../../../src/integrations/contract/target-error.js';
import { createSwarm, type Swarm } from '../../../../src/integrations/swarm/client.js';
import { createSwarmSim, type SwarmSim } from '../../../../src/sim/swarm.js';

const timeoutMs = 5000;
/** For calls that are to run out of time. */
const shortMs = 500;

describe('the Swarm client', () => {
  let sim: SwarmSim;
  let swarm: Swarm;

  beforeEach(async () => {
    sim = createSwarmSim();
    await sim.start();
    swarm = createSwarm({ dockerHost: sim.dockerHost(), timeoutMs });
    sim.addService({ name: 'web', replicas: 2, labels: { 'com.df.scaleMax': '5' } });
  });

  afterEach(() => sim.stop());

  it('settles the version with the engine, once, and says what it found', async () => {
    expect(await swarm.check()).toEqual({
      engineVersion: 'simulated',
      apiVersion: '1.41',
      manager: true,
    });
    await swarm.service('web');
    const versions = sim.requests.map((request) => request.split('?')[0]);
    expect(versions).toEqual(['GET /version', 'GET /v1.41/services', 'GET /v1.41/services/web']);
  });

  it('reads one service by its name or its id and lists none', async () => {
    const service = await swarm.service('web');
    expect(service).toMatchObject({
      name: 'web',
      mode: 'replicated',
      replicas: 2,
      labels: { 'com.df.scaleMax': '5' },
      updateState: undefined,
    });
    expect((await swarm.service(service.id)).name).toBe('web');
    expect(sim.requests.filter((request) => /\/services(\?|$)/.test(request))).toEqual([]);
  });

  it('counts all services, and never takes a failed read for none', async () => {
    sim.addService({ name: 'agent', mode: 'global' });
    expect(await swarm.countServices()).toBe(2);
    sim.stop();
    await expect(swarm.countServices()).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('does not take the beginning of an id for a service', async () => {
    const { id } = await swarm.service('web');
    await expect(swarm.service(id.slice(0, 5))).rejects.toMatchObject({ kind: 'not_found' });
  });

  it.each(['', '*', '../version', 'web?x', 'web/update', 'wéb'])(
    'puts no %j into a path',
    async (name) => {
      await expect(swarm.service(name)).rejects.toMatchObject({ kind: 'invalid' });
      expect(sim.requests).toEqual([]);
    },
  );

  it('posts the whole specification with nothing changed but the replicas', async () => {
    const before = await swarm.service('web');
    await swarm.scale(before, 4);
    const after = await swarm.service('web');
    expect(after.spec).toEqual({ ...before.spec, Mode: { Replicated: { Replicas: 4 } } });
    expect(sim.updates).toMatchObject([{ from: 2, to: 4, version: before.version }]);
  });

  it('keeps the specification out of the address', async () => {
    const service = await swarm.service('web');
    await swarm.scale(service, 3);
    expect(sim.requests.at(-1)).toBe(
      `POST /v1.41/services/${service.id}/update?version=${service.version}`,
    );
  });

  it('does not overwrite a service that has changed since it was read', async () => {
    const service = await swarm.service('web');
    sim.changeService('web', { replicas: 5 });
    await expect(swarm.scale(service, 3)).rejects.toMatchObject({ kind: 'stale' });
    expect(sim.service('web').replicas).toBe(5);
  });

  it.each([-1, 1.5, Number.NaN])('never asks for %d replicas', async (replicas) => {
    const service = await swarm.service('web');
    await expect(swarm.scale(service, replicas)).rejects.toMatchObject({ kind: 'invalid' });
    expect(sim.updates).toEqual([]);
  });

  it('scales nothing that has no replicas', async () => {
    sim.addService({ name: 'agent', mode: 'global' });
    const agent = await swarm.service('agent');
    expect(agent).toMatchObject({ mode: 'global', replicas: undefined });
    await expect(swarm.scale(agent, 3)).rejects.toMatchObject({ kind: 'invalid' });
  });

  it('restarts a service with nothing changed but its counter of forced updates', async () => {
    const before = await swarm.service('web');
    expect(before.forceUpdate).toBe(0);
    await swarm.restart(before, 1);
    const after = await swarm.service('web');
    expect(after.forceUpdate).toBe(1);
    const { spec } = before;
    expect(after.spec).toEqual({ ...spec, TaskTemplate: { ...spec.TaskTemplate, ForceUpdate: 1 } });
    expect((await swarm.tasks(after.id)).forceUpdates).toEqual([1]);
    expect(sim.requests.filter((request) => request.startsWith('POST'))).toEqual([
      `POST /v1.41/services/${before.id}/update?version=${before.version}`,
    ]);
  });

  it('sets an image with nothing else changed, and only of a service that is as it was', async () => {
    const before = await swarm.service('web');
    await swarm.setImage(before, 'shop/web:1');
    const { spec } = await swarm.service('web');
    const { ContainerSpec } = before.spec.TaskTemplate as { ContainerSpec: object };
    const TaskTemplate = {
      ...before.spec.TaskTemplate,
      ContainerSpec: { ...ContainerSpec, Image: 'shop/web:1' },
    };
    expect(spec).toEqual({ ...before.spec, TaskTemplate });
    await expect(swarm.setImage(before, 'shop/web:0')).rejects.toMatchObject({ kind: 'stale' });
    sim.addService({ name: 'job', mode: 'replicated-job' });
    const job = await swarm.service('job');
    await expect(swarm.setImage(job, 'shop/web:1')).rejects.toMatchObject({ kind: 'invalid' });
  });

  it('restarts nothing that has changed since it was read, and no job', async () => {
    const service = await swarm.service('web');
    sim.changeService('web', { replicas: 5 });
    await expect(swarm.restart(service, 1)).rejects.toMatchObject({ kind: 'stale' });
    await expect(swarm.restart(service, -1)).rejects.toMatchObject({ kind: 'invalid' });
    sim.addService({ name: 'backup', mode: 'replicated-job' });
    const job = await swarm.service('backup');
    await expect(swarm.restart(job, 1)).rejects.toMatchObject({ kind: 'invalid' });
    await expect(swarm.rollback(job)).rejects.toMatchObject({ kind: 'invalid' });
    expect(sim.updates).toEqual([]);
  });

  it('counts the tasks that run, and says why others do not', async () => {
    sim.changeService('web', { stuck: true, replicas: 4 });
    const { id } = await swarm.service('web');
    expect(await swarm.tasks(id)).toEqual({
      running: 2,
      forceUpdates: [0],
      images: ['simulated:latest'],
      notRunning: { pending: 2 },
      problems: [expect.stringContaining('no suitable node')],
    });
  });

  it('says that a service is not there', async () => {
    const missing = swarm.service('nothing');
    await expect(missing).rejects.toMatchObject({ name: 'TargetError', kind: 'not_found' });
    await expect(missing).rejects.toThrow(/reading service nothing: 404 service nothing not found/);
  });

  it.each([
    ['leaderless', 'unavailable'],
    ['worker', 'unavailable'],
    ['inactive', 'unavailable'],
  ] as const)('calls a %s engine %s, also where it was to change something', async (role, kind) => {
    const service = await swarm.service('web');
    sim.become(role);
    await expect(swarm.check()).rejects.toMatchObject({ kind });
    await expect(swarm.service('web')).rejects.toMatchObject({ kind });
    await expect(swarm.scale(service, 3)).rejects.toMatchObject({ kind });
  });

  it.each<[number, string, TargetErrorKind, TargetErrorKind]>([
    [400, 'bad', 'invalid', 'invalid'],
    [403, 'Forbidden', 'forbidden', 'forbidden'],
    [404, 'gone', 'not_found', 'not_found'],
    [500, 'rpc error: code = Unknown desc = update out of sequence', 'stale', 'stale'],
    [500, 'raft: node lost leader status', 'unavailable', 'unknown'],
    [501, 'renaming services is not supported', 'invalid', 'invalid'],
    [502, 'bad gateway', 'unavailable', 'unknown'],
    [503, 'no backend', 'unavailable', 'unavailable'],
    [504, 'gateway time-out', 'unavailable', 'unknown'],
  ])('sorts %d "%s" into %s, and %s after a change', async (status, message, read, change) => {
    const service = await swarm.service('web');
    sim.failNext({ path: /^\/services/, times: 2, status, message });
    await expect(swarm.service('web')).rejects.toMatchObject({ kind: read });
    await expect(swarm.scale(service, 3)).rejects.toMatchObject({ kind: change });
  });

  it.each([true, false])(
    'does not know what came of an update without an answer (applied: %s)',
    async (afterApplying) => {
      const hasty = createSwarm({ dockerHost: sim.dockerHost(), timeoutMs: shortMs });
      const service = await hasty.service('web');
      sim.failNext({ method: 'POST', path: /update/, afterApplying, hangMs: 60_000 });
      await expect(hasty.scale(service, 3)).rejects.toMatchObject({ kind: 'unknown' });
      expect(sim.updates).toHaveLength(afterApplying ? 1 : 0);
      expect(sim.requests.filter((request) => request.startsWith('POST'))).toHaveLength(1);
    },
  );

  it('calls a read without an answer unavailable', async () => {
    const hasty = createSwarm({ dockerHost: sim.dockerHost(), timeoutMs: shortMs });
    sim.failNext({ path: /services/, hangMs: 60_000 });
    const late = hasty.service('web');
    await expect(late).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(late).rejects.toThrow(`no answer within ${shortMs} ms`);
  });

  it('connects anew to an engine that went and came back', async () => {
    const service = await swarm.service('web');
    await sim.stop();
    await expect(swarm.service('web')).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(swarm.scale(service, 3)).rejects.toMatchObject({ kind: 'unavailable' });
    await sim.start();
    expect((await swarm.service('web')).replicas).toBe(2);
  });
});

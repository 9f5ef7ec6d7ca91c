import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSwarmSim } from '../../../../src/sim/swarm.js';
import { dockerOf, type ServiceAnswer, type SwarmBench, startSwarmBench } from './bench.js';

describe('the API of the simulated Swarm', () => {
  let swarm: SwarmBench['swarm'];
  let docker: SwarmBench['docker'];
  let inspect: SwarmBench['inspect'];
  let tasksOf: SwarmBench['tasksOf'];

  beforeEach(async () => {
    ({ swarm, docker, inspect, tasksOf } = await startSwarmBench());
  });

  afterEach(() => swarm.stop());

  it('shows a global service and a job in their own modes', async () => {
    expect((await inspect('shop_agent')).Spec.Mode).toEqual({ Global: {} });
    expect((await inspect('report')).Spec.Mode).toEqual({
      ReplicatedJob: { MaxConcurrent: 1, TotalCompletions: 1 },
    });
    expect(await tasksOf('report')).toMatchObject([
      { Status: { State: 'complete' }, DesiredState: 'complete' },
    ]);
    expect(swarm.service('shop_agent')).toMatchObject({ replicas: null, running: 1 });
  });

  it('finds a service by name, id or the beginning of its id, and answers 404 for others', async () => {
    const { ID } = await inspect('shop_web');

    expect((await inspect(ID)).Spec.Name).toBe('shop_web');
    expect((await inspect(ID.slice(0, 12))).Spec.Name).toBe('shop_web');
    await expect(inspect('shop_we')).rejects.toMatchObject({
      statusCode: 404,
      json: { message: 'service shop_we not found' },
    });
    await expect(tasksOf('shop_we')).rejects.toMatchObject({ statusCode: 404 });
  });

  it('filters services by the beginning of a name and by labels, and refuses unknown filters', async () => {
    const names = async (filters: Record<string, string[]>) =>
      ((await docker.listServices({ filters })) as unknown as ServiceAnswer[]).map(
        (service) => service.Spec.Name,
      );

    expect(await names({ name: ['shop_'] })).toEqual(['shop_web', 'shop_agent']);
    expect(await names({ label: ['com.df.scaleMax=5', 'team'] })).toEqual(['shop_web']);
    expect(await names({ label: ['com.df.scaleMax=6'] })).toEqual([]);
    await expect(names({ nonsense: ['x'] })).rejects.toMatchObject({
      statusCode: 400,
      json: { message: "Invalid filter 'nonsense'" },
    });
  });

  it('can be a newer engine, which refuses the versions of older clients', async () => {
    const newer = createSwarmSim({ versions: { min: '1.44', max: '1.52' } });
    await newer.start();
    try {
      expect(await dockerOf(newer).version()).toMatchObject({ ApiVersion: '1.52' });
      await expect(dockerOf(newer, 'v1.41').listServices()).rejects.toMatchObject({
        statusCode: 400,
      });
    } finally {
      await newer.stop();
    }
  });

  it('says in info and in every answer whether it is a manager with a leader', async () => {
    const refusal = async () =>
      docker.listServices().then(
        () => 'none',
        (error: { statusCode: number; json: { message: string } }) => [
          error.statusCode,
          error.json.message.slice(0, 60),
        ],
      );

    expect((await docker.info()).Swarm).toMatchObject({
      LocalNodeState: 'active',
      ControlAvailable: true,
    });
    expect(await refusal()).toBe('none');
    swarm.become('leaderless');
    expect(await refusal()).toEqual([
      500,
      'rpc error: code = Unknown desc = The swarm does not have a l',
    ]);
    swarm.become('worker');
    expect((await refusal())[0]).toBe(503);
    expect((await docker.info()).Swarm).toMatchObject({ ControlAvailable: false });
    swarm.become('inactive');
    expect((await docker.info()).Swarm).toMatchObject({ LocalNodeState: 'inactive' });
  });

  it('lists its nodes', async () => {
    expect(await docker.listNodes()).toMatchObject([
      { Spec: { Role: 'manager' }, Status: { State: 'ready' }, ManagerStatus: { Leader: true } },
    ]);
  });

  it('answers with and without a version, and refuses versions that it does not speak', async () => {
    const get = async (path: string) => {
      const response = await fetch(`${swarm.url()}${path}`);
      return [response.status, await response.text()];
    };

    expect((await fetch(`${swarm.url()}/_ping`)).headers.get('api-version')).toBe('1.41');
    expect((await get('/v1.41/services'))[0]).toBe(200);
    expect((await get('/v1.24/services'))[0]).toBe(200);
    expect(await get('/v1.42/services')).toEqual([
      400,
      '{"message":"client version 1.42 is too new. Maximum supported API version is 1.41"}\n',
    ]);
    expect(await get('/v1.23/services')).toEqual([
      400,
      'client version 1.23 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version',
    ]);
    expect((await get('/v1.41/containers/json'))[0]).toBe(404);
  });
});

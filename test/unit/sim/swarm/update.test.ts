import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SwarmBench, startSwarmBench } from './bench.js';

describe('an update in the simulated Swarm', () => {
  let clock: SwarmBench['clock'];
  let swarm: SwarmBench['swarm'];
  let inspect: SwarmBench['inspect'];
  let scale: SwarmBench['scale'];
  let post: SwarmBench['post'];

  beforeEach(async () => {
    ({ clock, swarm, inspect, scale, post } = await startSwarmBench());
  });

  afterEach(() => swarm.stop());

  it('records every update that took effect and no other', async () => {
    const { Version } = await inspect('shop_web');
    await scale('shop_web', 3);
    await expect(scale('shop_web', 4, Version.Index)).rejects.toThrow('update out of sequence');

    expect(swarm.updates).toEqual([
      { service: 'shop_web', from: 1, to: 3, version: Version.Index, at: clock.now() },
    ]);
  });

  it('answers a stale version with 500, and the version moves on with every update', async () => {
    const before = await inspect('shop_web');
    await scale('shop_web', 2);

    const after = await inspect('shop_web');
    expect(after.Version.Index).toBeGreaterThan(before.Version.Index);
    await expect(scale('shop_web', 5, before.Version.Index)).rejects.toMatchObject({
      statusCode: 500,
      json: { message: 'rpc error: code = Unknown desc = update out of sequence' },
    });
  });

  it('refuses an update without a version', async () => {
    const { Spec } = await inspect('shop_web');
    const response = await post('/services/shop_web/update', Spec);

    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({
      message: `invalid service version '': strconv.ParseUint: parsing "": invalid syntax`,
    });
  });

  it('takes an absent Replicas, or an absent Mode, for one replica', async () => {
    for (const mode of [{ Mode: { Replicated: {} } }, { Mode: undefined }]) {
      await scale('shop_web', 4);
      const { Spec, Version } = await inspect('shop_web');
      const path = `/services/shop_web/update?version=${Version.Index}`;
      expect((await post(path, { ...Spec, ...mode })).status).toBe(200);
      expect(swarm.service('shop_web').replicas).toBe(1);
    }
  });

  it('refuses a body that is not the whole spec, and what no update may change', async () => {
    const { Spec, Version } = await inspect('shop_web');
    const answerTo = async (changed: Record<string, unknown>) => {
      const body = { ...Spec, ...changed };
      const response = await post(`/services/shop_web/update?version=${Version.Index}`, body);
      return [response.status, ((await response.json()) as { message: string }).message];
    };

    expect(await answerTo({ TaskTemplate: undefined })).toEqual([
      400,
      'mismatched Runtime and *Spec fields',
    ]);
    expect(await answerTo({ Name: undefined })).toEqual([
      501,
      'rpc error: code = Unimplemented desc = renaming services is not supported',
    ]);
    expect(await answerTo({ Mode: { Global: {} } })).toEqual([
      501,
      'rpc error: code = Unimplemented desc = service mode change is not allowed',
    ]);
    expect(await answerTo({ Mode: { Replicated: { Replicas: '3' } } })).toEqual([
      400,
      'json: cannot unmarshal string into Go struct field ReplicatedService.Mode.Replicated.Replicas of type uint64',
    ]);
    expect(swarm.updates).toEqual([]);
  });

  it('overwrites PreviousSpec and clears a paused rolling update', async () => {
    swarm.changeService('shop_web', { updateState: 'paused' });
    expect((await inspect('shop_web')).UpdateStatus).toMatchObject({ State: 'paused' });

    await scale('shop_web', 2);

    const after = await inspect('shop_web');
    expect(after.UpdateStatus).toBeUndefined();
    expect(after.PreviousSpec?.Mode.Replicated.Replicas).toBe(1);
  });

  it('moves the version on when somebody else changes the service', async () => {
    const { Version } = await inspect('shop_web');
    swarm.changeService('shop_web', { replicas: 2 });

    await expect(scale('shop_web', 3, Version.Index)).rejects.toThrow('update out of sequence');
    expect(swarm.updates).toEqual([]);
    expect(swarm.service('shop_web').replicas).toBe(2);
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { dockerOf, type SwarmBench, startSwarmBench } from './swarm/bench.js';

describe('the simulated Swarm', () => {
  let swarm: SwarmBench['swarm'];
  let docker: SwarmBench['docker'];
  let inspect: SwarmBench['inspect'];
  let scale: SwarmBench['scale'];

  beforeEach(async () => {
    ({ swarm, docker, inspect, scale } = await startSwarmBench());
  });

  afterEach(() => swarm.stop());

  it('fails the requests it is told to fail, as often as told, without effect', async () => {
    const path = /^\/services\/shop_web\/update$/;
    swarm.failNext({ method: 'POST', path, times: 2, status: 502, message: 'bad gateway' });

    await expect(scale('shop_web', 2)).rejects.toMatchObject({ statusCode: 502 });
    await expect(scale('shop_web', 2)).rejects.toMatchObject({ statusCode: 502 });
    expect(swarm.updates).toEqual([]);
    await scale('shop_web', 2);
    expect(swarm.updates).toHaveLength(1);
  });

  it('tells a time-out before the effect from one after it', async () => {
    const { Spec, Version } = await inspect('shop_web');
    const impatient = dockerOf(swarm, 'v1.41', 50);
    const update = () =>
      impatient
        .getService('shop_web')
        .update({ _query: { version: Version.Index }, _body: { ...Spec } });

    swarm.failNext({ path: /update$/, hangMs: 60_000 });
    await expect(update()).rejects.toThrow('socket hang up');
    expect(swarm.updates).toHaveLength(0);

    swarm.failNext({ path: /update$/, hangMs: 60_000, afterApplying: true });
    await expect(update()).rejects.toThrow('socket hang up');
    expect(swarm.updates).toHaveLength(1);
  });

  it('can cut the connection at once', async () => {
    swarm.failNext({ path: /^\/services$/, hangMs: 0 });

    await expect(docker.listServices()).rejects.toThrow('socket hang up');
    expect(await docker.listServices()).toHaveLength(3);
  });

  it('keeps its services and its port over a restart, and refuses connections in between', async () => {
    const url = swarm.url();
    await swarm.stop();
    await expect(docker.listServices()).rejects.toMatchObject({ code: 'ECONNREFUSED' });

    await swarm.start();
    expect(swarm.url()).toBe(url);
    expect(await docker.listServices()).toHaveLength(3);
  });

  it('shows the requests as they came, so that what is in a URL can be seen', async () => {
    await docker.getService('shop_web').inspect();

    expect(swarm.requests).toEqual(['GET /services/shop_web']);
  });
});

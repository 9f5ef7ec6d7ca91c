import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type SwarmBench, startSwarmBench } from './bench.js';

describe('the tasks of the simulated Swarm', () => {
  let clock: SwarmBench['clock'];
  let swarm: SwarmBench['swarm'];
  let docker: SwarmBench['docker'];
  let inspect: SwarmBench['inspect'];
  let tasksOf: SwarmBench['tasksOf'];
  let scale: SwarmBench['scale'];

  beforeEach(async () => {
    ({ clock, swarm, docker, inspect, tasksOf, scale } = await startSwarmBench());
  });

  afterEach(() => swarm.stop());

  it('scales a service, whose new tasks run after they have had their time', async () => {
    await scale('shop_web', 3);

    expect((await tasksOf('shop_web', 'running')).map((task) => task.Status.State)).toEqual([
      'running',
      'preparing',
      'preparing',
    ]);
    clock.advance(2000);
    expect((await tasksOf('shop_web', 'running')).map((task) => task.Status.State)).toEqual([
      'running',
      'running',
      'running',
    ]);
    expect(swarm.service('shop_web')).toMatchObject({ replicas: 3, running: 3 });
  });

  it('removes the highest slots when it scales down, and shows them until they are gone', async () => {
    await scale('shop_web', 3);
    clock.advance(2000);
    await scale('shop_web', 1);

    expect((await tasksOf('shop_web', 'running')).map((task) => task.Slot)).toEqual([1]);
    expect((await tasksOf('shop_web')).map((task) => task.DesiredState)).toEqual([
      'running',
      'remove',
      'remove',
    ]);
    clock.advance(2000);
    expect(await tasksOf('shop_web')).toHaveLength(1);
  });

  it('replaces every task when the task template changes, and says how the update goes', async () => {
    const before = await tasksOf('shop_web', 'running');
    const { Spec, Version } = await inspect('shop_web');
    const template = { ...(Spec.TaskTemplate as object), ForceUpdate: 1 };
    await docker.getService('shop_web').update({
      _query: { version: Version.Index },
      _body: { ...Spec, TaskTemplate: template },
    });

    const during = await inspect('shop_web');
    expect(during.UpdateStatus?.State).toBe('updating');
    clock.advance(2000);
    const after = await inspect('shop_web');
    expect(after.UpdateStatus?.State).toBe('completed');
    expect(after.Version.Index).toBeGreaterThan(during.Version.Index);
    expect((await tasksOf('shop_web', 'running'))[0]?.ID).not.toBe(before[0]?.ID);
  });

  it('leaves the tasks of a stuck service pending until a node has room', async () => {
    swarm.changeService('shop_web', { stuck: true });
    await scale('shop_web', 2);
    clock.advance(60_000);

    expect((await tasksOf('shop_web', 'running')).map((task) => task.Status)).toMatchObject([
      { State: 'running' },
      { State: 'pending', Err: 'no suitable node (insufficient resources on 1 node)' },
    ]);
    swarm.changeService('shop_web', { stuck: false });
    clock.advance(2000);
    expect(swarm.service('shop_web').running).toBe(2);
  });

  it('runs a job again when it is updated', async () => {
    const [before] = await tasksOf('report');
    const { Spec, Version } = await inspect('report');
    await docker
      .getService('report')
      .update({ _query: { version: Version.Index }, _body: { ...Spec } });

    clock.advance(2000);
    const [after] = await tasksOf('report');
    expect(after?.ID).not.toBe(before?.ID);
  });
});

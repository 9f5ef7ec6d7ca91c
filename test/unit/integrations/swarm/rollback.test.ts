import { describe, expect, it } from 'vitest';
import { createSwarmRollback } from '../../../../src/integrations/swarm/rollback.js';
import type { ServiceSeed } from '../../../../src/sim/swarm/service.js';
import { sendingOf } from '../../../support/sending.js';
import { startWorld, stopSwarms } from './swarm-world.js';

const sending = sendingOf({ service: 'web' });

/** A service whose rollout of `shop/web:2` is paused. */
async function startPaused(service: Partial<ServiceSeed> = {}) {
  const world = await startWorld((swarm) => createSwarmRollback({ swarm }), {
    ...{ name: 'web', replicas: 2, image: 'shop/web:1', brokenImage: 'shop/web:2' },
    ...service,
  });
  world.sim.changeService('web', { image: 'shop/web:2' });
  world.settle();
  expect(world.sim.service('web').updateState).toBe('paused');
  return world;
}

describe('swarm.rollback', () => {
  stopSwarms();

  it('names what it goes back from and to, and nothing that may hold a secret', async () => {
    const { action, plan } = await startPaused();
    expect(await plan('web')).toMatchObject({
      kind: 'change',
      op: {
        from: { image: 'shop/web:2', rollout: 'paused' },
        to: { image: 'shop/web:1', rollout: 'rolled_back' },
      },
    });
    const observed = JSON.stringify(await action.observe({ service: 'web' }));
    expect(observed).not.toMatch(/DNSConfig|TaskTemplate|ContainerSpec/);
  });

  it('brings back what ran before, once: a second one would bring the failure back', async () => {
    const { sim, action, plan, change, settle } = await startPaused();
    const planned = await change('web');
    await action.apply(planned, sending);
    await expect(action.apply(planned, sending)).rejects.toMatchObject({ kind: 'stale' });
    expect(await plan('web')).toMatchObject({ kind: 'wait' });
    settle();
    expect(await action.verify(planned, sending)).toMatchObject({ kind: 'converged' });
    expect(await plan('web')).toMatchObject({ kind: 'refused', reason: 'unsupported' });
    expect(sim.service('web')).toMatchObject({ image: 'shop/web:1', running: 2 });
    expect(sim.requests.filter((request) => request.includes('rollback=previous'))).toHaveLength(1);
  });

  it('refuses where no rollout is paused, whatever was deployed last', async () => {
    const { sim, plan, settle } = await startPaused();
    sim.changeService('web', { image: 'shop/web:3' });
    settle();
    expect(await plan('web')).toEqual({
      kind: 'refused',
      reason: 'unsupported',
      detail: expect.stringContaining('no paused rollout to roll back'),
    });
  });

  it('refuses where the update before was a scaling, which has overwritten what ran before', async () => {
    const { sim, plan } = await startPaused();
    // whoever scales resumes a paused rollout, which then pauses again
    sim.changeService('web', { replicas: 3, updateState: 'paused' });
    expect(await plan('web')).toEqual({
      kind: 'refused',
      reason: 'unsupported',
      detail: expect.stringContaining('overwrote'),
    });
  });

  it('refuses where the update before was a restart', async () => {
    const { sim, plan } = await startPaused();
    sim.changeService('web', { forceUpdate: 1, updateState: 'paused' });
    expect(await plan('web')).toMatchObject({ kind: 'refused', reason: 'unsupported' });
  });

  it('refuses where Swarm keeps no version before', async () => {
    const { sim, plan } = await startPaused();
    sim.addService({ name: 'new', updateState: 'paused' });
    expect(await plan('new')).toMatchObject({
      kind: 'refused',
      detail: expect.stringContaining('no previous version'),
    });
  });

  it('waits for a rollout that is under way, and leaves a paused rollback to a person', async () => {
    const { sim, plan } = await startPaused();
    sim.changeService('web', { updateState: 'updating' });
    expect(await plan('web')).toMatchObject({ kind: 'wait' });
    sim.changeService('web', { updateState: 'rollback_paused' });
    expect(await plan('web')).toMatchObject({ kind: 'refused' });
  });

  it('knows that it will not come into effect any more once Swarm has paused it, too', async () => {
    const { sim, action, change, settle } = await startPaused();
    const planned = await change('web');
    sim.changeService('web', { brokenImage: 'shop/web:1' });
    await action.apply(planned, sending);
    settle();
    expect(await action.verify(planned, sending)).toEqual({
      kind: 'failed',
      detail: expect.stringContaining('paused the rollback to shop/web:1 too'),
    });
  });

  it('holds the bounds where the version before had another size', async () => {
    /** A rollout that came with five replicas in place of two. */
    const grown = async (labels: Record<string, string>) => {
      const world = await startPaused({ labels });
      world.sim.changeService('web', { image: 'shop/web:1' });
      world.settle();
      world.sim.changeService('web', { image: 'shop/web:2', replicas: 5 });
      world.settle();
      return world;
    };
    expect(await (await grown({})).plan('web')).toMatchObject({ reason: 'no_bounds' });
    expect(await (await grown({ 'com.df.scaleMin': '3' })).plan('web')).toMatchObject({
      kind: 'refused',
      detail: expect.stringContaining('min is 3'),
    });
    expect(await (await grown({ 'com.df.scaleMin': '2' })).plan('web')).toMatchObject({
      kind: 'change',
      op: { replicas: { from: 5, to: 2 } },
    });
    expect(await (await grown({})).plan('web', { min: 1 })).toMatchObject({ kind: 'change' });
  });

  it('goes back to nothing else than it was asked to', async () => {
    const { action } = await startPaused();
    const bounds = { min: undefined, max: undefined };
    const to = async (image: string) =>
      action.plan({ service: 'web', to: image }, await action.observe({ service: 'web' }), bounds);
    expect(await to('shop/web:1')).toMatchObject({ kind: 'change' });
    expect(await to('shop/web:0')).toEqual({
      kind: 'refused',
      reason: 'unsupported',
      detail: 'service web: the previous image is shop/web:1, expected shop/web:0',
    });
  });

  it('shortens digests as people know them', async () => {
    const digest = `@sha256:${'0123456789ab'.repeat(5)}0123`;
    const { plan } = await startPaused({ image: `shop/web:1${digest}` });
    expect(await plan('web')).toMatchObject({
      op: { to: { image: 'shop/web:1@sha256:0123456789ab' } },
    });
  });
});

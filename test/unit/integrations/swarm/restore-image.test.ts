import { describe, expect, it } from 'vitest';
import type { Plan } from '../../../../src/integrations/contract/action.js';
import type { TargetEvent } from '../../../../src/integrations/contract/evidence.js';
import type { LastChange } from '../../../../src/integrations/swarm/deploys.js';
import {
  createSwarmRestoreImage,
  restoreImage,
} from '../../../../src/integrations/swarm/restore-image.js';
import type { ServiceSeed } from '../../../../src/sim/swarm/service.js';
import { sendingOf } from '../../../support/sending.js';
import { startWorld, stopSwarms } from './swarm-world.js';

const sending = sendingOf({ service: 'web' });
const atMs = Date.UTC(2026, 2, 1, 12);

const seen = (event: Partial<TargetEvent> = {}, replacedAtMs?: number): LastChange => ({
  kind: 'seen',
  event: {
    ...{ scope: 'swarm.service/a', kind: 'deployed', name: 'web', atMs },
    ...{ from: 'shop/web:1', to: 'shop/web:2' },
    ...event,
  },
  ...(replacedAtMs && { replacedAtMs }),
});

/** A service that was deployed: it runs `shop/web:2`. */
async function startDeployed(last: LastChange = seen(), service: Partial<ServiceSeed> = {}) {
  const world = await startWorld(
    (swarm) => createSwarmRestoreImage({ swarm, deploys: { lastChange: async () => last } }),
    { ...{ name: 'web', replicas: 2, image: 'shop/web:1' }, ...service },
  );
  world.sim.changeService('web', { image: 'shop/web:2' });
  world.settle();
  return world;
}

const refusal = (detail: string): Partial<Plan> => ({
  ...{ kind: 'refused', reason: 'unsupported' },
  detail: expect.stringContaining(detail),
});

describe('swarm.restore_image', () => {
  stopSwarms();

  it('puts back the recorded image and nothing else, by an update with the version that was read', async () => {
    const { sim, action, change, settle, plan } = await startDeployed();
    sim.changeService('web', { replicas: 5 });
    settle();
    const planned = await change('web');
    expect(planned.op).toEqual({
      kind: 'restore_image',
      from: { image: 'shop/web:2' },
      to: { image: 'shop/web:1' },
      deployedAtMs: atMs,
    });
    await action.apply(planned, sending);
    await expect(action.apply(planned, sending)).rejects.toMatchObject({ kind: 'stale' });
    expect(await action.verify(planned, sending)).toMatchObject({ kind: 'converging' });
    expect(await plan('web')).toMatchObject({ kind: 'wait' });
    settle();
    expect(await action.verify(planned, sending)).toMatchObject({ kind: 'converged' });
    expect(sim.service('web')).toMatchObject({ image: 'shop/web:1', replicas: 5, running: 5 });
    expect(sim.requests.some((request) => request.includes('rollback='))).toBe(false);
  });

  it('says both images, with as much of a digest as tells them apart, and when it was deployed', () => {
    const image = (digit: string) => ({ image: `shop/web:1@sha256:${digit.repeat(64)}` });
    const op = { kind: 'restore_image' as const, from: image('b'), to: image('a') };
    expect(restoreImage.describe({ ...op, deployedAtMs: atMs }, 'web')).toBe(
      `take web from image shop/web:1@sha256:${'b'.repeat(12)} back to shop/web:1@sha256:${'a'.repeat(12)} (deployed 2026-03-01 12:00:00 UTC)`,
    );
  });

  it.each([
    [
      'other settings changed with the image',
      seen({ besides: true }),
      'settings changed with the image',
    ],
    ['only other settings changed', seen({ kind: 'updated' }), 'not the image'],
    ['a version before may be missing', seen({ missed: true }), 'were not seen'],
    ['Swarm rolled the deploy back', seen({ kind: 'rolled_back' }), 'has rolled back'],
    ['the history has a gap', { kind: 'unknown', detail: 'a break' } as const, 'a break'],
    ['no deploy is recorded', { kind: 'none', sinceMs: atMs } as const, 'saw no deploy since'],
    ['the recorded deploy is another', seen({ to: 'shop/web:3' }), 'is another'],
    ['the image was replaced before', seen({}, atMs - 1), 'only once in 7 days'],
  ])('asks a person where %s', async (_, last, detail) => {
    const { plan } = await startDeployed(last);
    expect(await plan('web')).toMatchObject(refusal(detail));
  });

  it('leaves a rollout that is paused to swarm.rollback, and waits for one that is in progress', async () => {
    const paused = await startDeployed(seen(), { brokenImage: 'shop/web:2' });
    expect(await paused.plan('web')).toMatchObject(refusal('swarm.rollback takes it back'));
    const { sim, plan } = await startDeployed();
    sim.changeService('web', { image: 'shop/web:2', forceUpdate: 1 });
    expect(await plan('web')).toMatchObject({ kind: 'wait' });
  });

  it('leaves a service alone whose owner says so', async () => {
    const { plan } = await startDeployed(seen(), { labels: { 'jidoka.enable': 'false' } });
    expect(await plan('web')).toMatchObject(refusal('jidoka.enable=false'));
  });

  it('tells that an image fails that was put back', async () => {
    const { action, change, settle } = await startDeployed(seen(), { brokenImage: 'shop/web:1' });
    const planned = await change('web');
    await action.apply(planned, sending);
    settle();
    expect(await action.verify(planned, sending)).toMatchObject({ kind: 'failed' });
  });
});

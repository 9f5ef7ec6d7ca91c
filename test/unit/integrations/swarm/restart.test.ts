import { describe, expect, it } from 'vitest';
import { createSwarmRestart } from '../../../../src/integrations/swarm/restart.js';
import { sendingOf } from '../../../support/sending.js';
import { startWorld, stopSwarms } from './swarm-world.js';

const sending = sendingOf({ service: 'web' });

const start = (...services: Parameters<typeof startWorld>[1][]) =>
  startWorld((swarm) => createSwarmRestart({ swarm }), ...services);

describe('swarm.restart', () => {
  stopSwarms();

  it('says what it does in words, and needs no bounds', async () => {
    const { plan } = await start({ name: 'web', replicas: 2 });
    expect(await plan('web')).toMatchObject({ kind: 'change', op: { kind: 'restart' } });
  });

  it('restarts a global service, too', async () => {
    const { action, change, settle } = await start({ name: 'agent', mode: 'global' });
    const planned = await change('agent');
    await action.apply(planned, sending);
    settle();
    expect(await action.verify(planned, sending)).toEqual({
      kind: 'converged',
      detail: 'service agent: 1 task runs',
    });
  });

  it('is over at once where no task runs', async () => {
    const { action, change } = await start({ name: 'web', replicas: 0 });
    const planned = await change('web');
    await action.apply(planned, sending);
    expect(await action.verify(planned, sending)).toMatchObject({ kind: 'converged' });
  });

  it('does not run a job anew', async () => {
    const { plan } = await start({ name: 'backup', mode: 'replicated-job' });
    expect(await plan('backup')).toMatchObject({ kind: 'refused', reason: 'unsupported' });
  });

  it.each([
    ['a rollout is in progress', 'updating', /rollout is in progress \(updating\)/],
    ['one is paused, which a restart would resume', 'paused', /would resume it/],
  ] as const)('waits while %s', async (_what, updateState, words) => {
    const { plan } = await start({ name: 'web', updateState });
    expect(await plan('web')).toEqual({ kind: 'wait', detail: expect.stringMatching(words) });
  });

  it.each([
    [{ 'jidoka.enable': 'false' }, 'unsupported'],
    [{ 'jidoka.enabled': 'false' }, 'labels_unreadable'],
    [{ 'com.df.scaleMin': 'two' }, 'labels_unreadable'],
  ])('keeps away from a service labelled %j', async (labels, reason) => {
    const { plan } = await start({ name: 'web', labels });
    expect(await plan('web')).toMatchObject({ kind: 'refused', reason });
  });

  it('knows that it will not come into effect any more once Swarm has paused it', async () => {
    const { sim, action, change, settle } = await start({ name: 'web', replicas: 2 });
    const planned = await change('web');
    await action.apply(planned, sending);
    sim.changeService('web', { brokenImage: sim.service('web').image });
    settle();
    expect(await action.verify(planned, sending)).toEqual({
      kind: 'failed',
      detail: expect.stringContaining('Swarm paused it because tasks failed'),
    });
  });
});

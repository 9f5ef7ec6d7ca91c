import { describe, expect, test } from 'vitest';
import type { HistoryOf, TargetEvent } from '../../../../src/integrations/contract/evidence.js';
import { createServiceDeploys } from '../../../../src/integrations/swarm/deploys.js';

const scope = 'swarm.service/a';
const web = { target: { id: scope, name: 'web' }, version: '7' };
const event = (
  kind: TargetEvent['kind'],
  atMs: number,
  from?: string,
  to?: string,
): TargetEvent => ({
  ...{ scope, kind, name: 'web', atMs },
  ...(from && { from }),
  ...(to && { to }),
});

const deploysOf = (events: readonly TargetEvent[], known: Partial<HistoryOf> = {}) =>
  createServiceDeploys({
    of: async () => ({ events, wholeSinceMs: 100, version: '7', ...known }),
  });

describe('the latest deploy of a service', () => {
  test('is a change of its image or of its other settings, and no scaling, restart or rollback', async () => {
    const first = event('deployed', 200, 'shop:1', 'shop:2');
    const others = [event('scaled', 300, '1', '2'), event('restarted', 310)];
    const rolledBack = event('rolled_back', 320, 'shop:2', 'shop:1');
    const { latest } = deploysOf([first, ...others, rolledBack]);
    expect(await latest(web)).toEqual({ kind: 'deployed', atMs: 200 });
    const updated = deploysOf([first, ...others, event('updated', 400)]);
    expect(await updated.latest(web)).toEqual({ kind: 'deployed', atMs: 400 });
  });

  test('is none only since the history has no gap', async () => {
    const before = event('deployed', 50, 'shop:1', 'shop:2');
    for (const events of [[], [before]]) {
      expect(await deploysOf(events).latest(web)).toEqual({ kind: 'none', sinceMs: 100 });
    }
  });

  test('cannot be told from a history with a gap up to now', async () => {
    const { latest } = deploysOf([event('deployed', 200)], { wholeSinceMs: null, version: null });
    expect(await latest(web)).toEqual({ kind: 'unknown', detail: expect.stringContaining('web') });
  });

  test('is asked for again where the history lags behind the service', async () => {
    for (const version of ['6', '8', null]) {
      const { latest } = deploysOf([], { version });
      await expect(latest(web)).rejects.toMatchObject({ kind: 'unavailable' });
    }
  });
});

test('an image that runs again is known by when it was replaced before', async () => {
  const { lastChange } = deploysOf([
    event('deployed', 200, 'shop:1', 'shop:2'),
    event('deployed', 300, 'shop:2', 'shop:1'),
    event('deployed', 400, 'shop:1', 'shop:2'),
  ]);
  expect(await lastChange(web)).toMatchObject({ event: { atMs: 400 }, replacedAtMs: 300 });
});

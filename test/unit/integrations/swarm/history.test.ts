import { expect, test } from 'vitest';
import type { SeenTargets, TargetEvent } from '../../../../src/integrations/contract/evidence.js';
import { createSwarmHistory } from '../../../../src/integrations/swarm/history.js';
import type { SwarmNode } from '../../../../src/integrations/swarm/node-answer.js';
import type { SeenService } from '../../../../src/integrations/swarm/view.js';
import { createLogger } from '../../../../src/lib/logger.js';
import { noAutomation } from '../../../../src/monitoring/described-service.js';

const nowMs = 30 * 86_400_000;

function watch() {
  const noted: Omit<TargetEvent, 'scope'>[] = [];
  const looks: (SeenTargets | undefined)[] = [];
  const history = createSwarmHistory({
    history: {
      note: async (_, events, seen) => {
        looks.push(seen);
        noted.push(...events.map(({ scope: _scope, ...event }) => event));
      },
    },
    now: () => nowMs,
    log: createLogger('silent'),
  });
  return { ...history, noted, looks };
}

const service = (spec: Partial<SeenService['spec']> = {}, updateState?: string): SeenService => ({
  ...{ id: 'a', name: 'web', version: 1, updateState, faults: [], ports: [] },
  described: {
    ...{ id: 'a', name: 'web', replicas: 1, labels: {}, containerLabels: {} },
    automation: noAutomation,
  },
  spec: {
    ...{ image: 'shop:1', previousImage: undefined, replicas: 2, template: 'x' },
    ...{ forceUpdate: 0, whole: 'x', changedAtMs: 5 },
    ...spec,
  },
});

test('what changed of a service is noted as of when Swarm says', () => {
  const { seenServices, noted } = watch();
  seenServices([service()]);
  expect(noted).toEqual([]);
  const before = { previousImage: 'shop:1' };
  seenServices([service({ ...before, image: 'shop:2', changedAtMs: 7 })]);
  seenServices([service({ image: 'shop:2', template: 'z', changedAtMs: 8 }, 'paused')]);
  seenServices([
    service({ image: 'shop:2', template: 'z', replicas: 5, changedAtMs: 9 }, 'paused'),
  ]);
  const restarted = { template: 'z', replicas: 5, forceUpdate: 1, changedAtMs: 10 };
  seenServices([service({ image: 'shop:2', ...restarted }, 'paused')]);
  seenServices([]);
  expect(noted).toEqual([
    { kind: 'deployed', name: 'web', from: 'shop:1', to: 'shop:2', atMs: 7 },
    { kind: 'updated', name: 'web', atMs: 8 },
    { kind: 'rollout_paused', name: 'web', atMs: 8 },
    { kind: 'scaled', name: 'web', from: '2', to: '5', atMs: 9 },
    { kind: 'restarted', name: 'web', atMs: 10 },
    { kind: 'removed', name: 'web', atMs: nowMs },
  ]);
});

test('a deploy is noted with what else changed, and whether a version before it may be missing', () => {
  const { seenServices, noted } = watch();
  seenServices([service()]);
  seenServices([service({ image: 'shop:2', previousImage: 'shop:1', template: 'y' })]);
  seenServices([service({ image: 'shop:4', previousImage: 'shop:3', template: 'y' })]);
  expect(noted).toEqual([
    { kind: 'deployed', name: 'web', from: 'shop:1', to: 'shop:2', atMs: 5, besides: true },
    { kind: 'deployed', name: 'web', from: 'shop:2', to: 'shop:4', atMs: 5, missed: true },
  ]);
});

test('a look says which versions are new to it, and that it is the first after a break', () => {
  const { seenServices, lost, looks } = watch();
  seenServices([service(), { ...service(), id: 'b' }]);
  seenServices([{ ...service(), version: 2 }]);
  lost();
  seenServices([service()]);
  const scope = (id: string) => `swarm.service/${id}`;
  expect(looks).toEqual([
    { isFirst: true, versions: new Map(['a', 'b'].map((id) => [scope(id), '1'])) },
    {
      isFirst: false,
      versions: new Map([
        [scope('a'), '2'],
        [scope('b'), null],
      ]),
    },
    { isFirst: true, versions: new Map([[scope('a'), '1']]) },
  ]);
});

test('a deploy from before the first look is known by the specification before it', () => {
  const { seenServices, noted } = watch();
  seenServices([
    service({ previousImage: 'shop:0', changedAtMs: nowMs - 60_000 }),
    { ...service({ previousImage: 'shop:0', changedAtMs: nowMs - 8 * 86_400_000 }), id: 'old' },
    { ...service({ previousImage: 'shop:1', changedAtMs: nowMs }), id: 'scaled' },
  ]);
  expect(noted).toEqual([
    { kind: 'deployed', name: 'web', from: 'shop:0', to: 'shop:1', atMs: nowMs - 60_000 },
  ]);
  seenServices([service(), { ...service(), id: 'new', name: 'api' }]);
  expect(noted.at(1)).toEqual({ kind: 'created', name: 'api', to: 'shop:1', atMs: 5 });
});

test('nodes that join, leave, go down or are drained are noted', () => {
  const { seenNodes, noted } = watch();
  const node = (name: string, more: Partial<SwarmNode> = {}): SwarmNode => ({
    ...{ id: name, name, version: 1, role: 'worker', availability: 'active', state: 'ready' },
    ...{ address: '', labels: {}, engineLabels: {}, createdAtMs: 1, updatedAtMs: 2 },
    ...more,
  });
  seenNodes([node('n1'), node('n2'), node('n3')]);
  seenNodes([node('n1', { state: 'down' }), node('n2', { availability: 'drain' }), node('n4')]);
  seenNodes([node('n1'), node('n2', { availability: 'drain' }), node('n4')]);
  expect(noted).toEqual([
    { kind: 'node_down', name: 'n1', from: 'ready', to: 'down', atMs: 2 },
    { kind: 'node_availability', name: 'n2', from: 'active', to: 'drain', atMs: 2 },
    { kind: 'node_joined', name: 'n4', atMs: 1 },
    { kind: 'node_left', name: 'n3', atMs: nowMs },
    { kind: 'node_up', name: 'n1', atMs: 2 },
  ]);
});

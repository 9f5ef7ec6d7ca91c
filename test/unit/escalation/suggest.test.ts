import { describe, expect, it } from 'vitest';
import { type Suggestions, suggestChoices } from '../../../src/escalation/suggest.js';
import type { AutoScaling } from '../../../src/integrations/aws/auto-scaling.js';
import type { AutoScalingGroup } from '../../../src/integrations/aws/auto-scaling-answer.js';
import type { Bounds } from '../../../src/integrations/contract/action.js';
import { TargetError } from '../../../src/integrations/contract/target-error.js';
import { createRegistry } from '../../../src/integrations/registry.js';
import type { SwarmService } from '../../../src/integrations/swarm/answer.js';
import type { SwarmNode } from '../../../src/integrations/swarm/node-answer.js';
import { nodeAmong } from '../../../src/integrations/swarm/node-reference.js';
import type { SwarmNodes } from '../../../src/integrations/swarm/nodes.js';
import type { Choice } from '../../../src/ledger/escalation.js';
import { swarmOf } from '../../support/swarm-of.js';

interface World {
  readonly service?: Partial<SwarmService> | TargetError;
  readonly group?: Partial<AutoScalingGroup> | TargetError;
  readonly workerAsg?: string;
  readonly bounds?: Bounds;
  readonly isWanted?: (size: Choice) => boolean;
  readonly nodes?: readonly SwarmNode[];
}

/** Suggestions of the real actions about a service `web` and a group `workers` as given. */
function suggest(labels: Record<string, string>, world: World = {}): Promise<Suggestions> {
  const never = () => Promise.reject(new Error('a suggestion changes nothing'));
  const swarm = swarmOf({
    async service(name) {
      if (world.service instanceof TargetError) throw world.service;
      const service = { id: 's1', name, version: 7, mode: 'replicated', replicas: 2 } as const;
      const rest = {
        labels: {},
        containerLabels: {},
        updateState: undefined,
        forceUpdate: 0,
        previousSpec: undefined,
      };
      const read: SwarmService = { ...service, ...rest, spec: {}, ...world.service };
      return {
        ...read,
        specText: JSON.stringify(read.spec),
        previousSpecText: read.previousSpec && JSON.stringify(read.previousSpec),
      };
    },
  });
  const nodes: SwarmNodes = {
    nodes: async () => world.nodes ?? [],
    node: async (wanted) => nodeAmong(world.nodes ?? [], wanted),
    tasksOn: never,
    setAvailability: never,
    remove: never,
  };
  const autoScaling: AutoScaling = {
    check: never,
    setDesiredCapacity: never,
    terminateInstance: never,
    countGroups: never,
    instanceRefresh: async () => ({ kind: 'seen', isActive: false }),
    activities: async () => [],
    trouble: async () => null,
    async group(name) {
      if (world.group instanceof TargetError) throw world.group;
      const sizes = { name, min: 1, max: 5, desired: 3, inService: 3, otherInstances: {} };
      const flags = { instances: [], suspended: [], countsInstances: true, deleting: false };
      return { ...sizes, ...flags, ...world.group };
    },
  };
  return suggestChoices({
    actions: createRegistry({
      swarm: { swarm, nodes, deploys: {} },
      aws: { swarm, autoScaling, workerAsg: world.workerAsg ?? '' },
      http: {},
    }).actions,
    labels,
    workerAsg: world.workerAsg ?? '',
    ...(world.bounds === undefined ? {} : { bounds: world.bounds }),
    ...(world.isWanted === undefined ? {} : { isWanted: world.isWanted }),
  });
}

/** What is offered but for a restart, which nearly every service is offered. */
const labelsOf = ({ choices }: Suggestions) =>
  choices.filter(({ id }) => id !== 'restart').map(({ label }) => label);

describe('an alert with a node label', () => {
  const node = (name: string): SwarmNode => ({
    ...{ id: `id-${name}`, name, version: 3, role: 'worker', address: '', state: 'ready' },
    ...{ availability: 'active', labels: {}, engineLabels: {}, createdAtMs: 0, updatedAtMs: 0 },
  });

  it('gets the drain of that node, where another takes its tasks', async () => {
    const labels = { alertname: 'NodeSick', node: 'n1' };
    const { choices } = await suggest(labels, { nodes: [node('n1'), node('n2')] });
    expect(choices[0]).toMatchObject({
      label: 'Drain n1',
      confirm: expect.stringContaining('This would drain n1'),
      does: { action: 'node.drain', params: { node: 'n1' }, target: { id: 'swarm.node/id-n1' } },
    });
    expect(labelsOf(await suggest(labels, { nodes: [node('n1')] }))).not.toContain('Drain n1');
    expect(labelsOf(await suggest(labels))).not.toContain('Drain n1');
  });
});

describe('an alert with a service label', () => {
  it('gets only the sizes that are wanted, and no word about the bounds of others', async () => {
    const helped = await suggest({ service: 'web' }, { isWanted: ({ id }) => id === 'down' });
    expect(labelsOf(helped)).toEqual(['Scale web 2 → 1', 'Acknowledge', 'Dismiss']);
    const none = await suggest({ service: 'web' }, { isWanted: () => false });
    expect(labelsOf(none)).toEqual(['Acknowledge', 'Dismiss']);
    expect(none.note ?? '').not.toContain('No bound');
  });

  it('gets one replica more and one fewer, each bounded by what the person sees', async () => {
    const target = { id: 'swarm.service/s1', name: 'web' };
    expect(await suggest({ service: 'web' })).toEqual({
      choices: [
        {
          id: 'up',
          label: 'Scale web 2 → 3',
          style: undefined,
          does: {
            kind: 'act',
            action: 'swarm.scale',
            params: { service: 'web', by: 1, max: 3 },
            target,
          },
        },
        {
          id: 'down',
          label: 'Scale web 2 → 1',
          style: 'danger',
          confirm: 'This would scale web from 2 to 1 replicas. What is removed stops.',
          does: {
            kind: 'act',
            action: 'swarm.scale',
            params: { service: 'web', by: -1, min: 1 },
            target,
          },
        },
        {
          id: 'restart',
          label: 'Restart web',
          style: 'danger',
          confirm: 'This would restart web. Running tasks are interrupted.',
          does: { kind: 'act', action: 'swarm.restart', params: { service: 'web' }, target },
        },
        { id: 'ack', label: 'Acknowledge', style: undefined, does: { kind: 'acknowledge' } },
        { id: 'dismiss', label: 'Dismiss', style: undefined, does: { kind: 'dismiss' } },
      ],
      note: 'No bound: no maximum and no minimum is set for service web. Each button goes exactly to the size that it shows.',
    });
  });

  it.each([
    [{ 'com.df.scaleMin': '1' }, 'No bound: no maximum is set for service web.'],
    [{ 'com.df.scaleMax': '9' }, 'No bound: no minimum is set for service web.'],
    [{ 'com.df.scaleMin': '1', 'com.df.scaleMax': '9' }, null],
  ])('says which bound is missing with %j', async (labels, note) => {
    const suggestions = await suggest({ service: 'web' }, { service: { labels } });
    expect(labelsOf(suggestions).slice(0, 2)).toEqual(['Scale web 2 → 3', 'Scale web 2 → 1']);
    expect(suggestions.note?.split(' Each')[0] ?? null).toBe(note);
  });

  it('is never suggested to be scaled to zero, whoever would allow it', async () => {
    expect(labelsOf(await suggest({ service: 'web' }, { service: { replicas: 1 } }))).toEqual([
      'Scale web 1 → 2',
      'Acknowledge',
      'Dismiss',
    ]);
    const allowed = { replicas: 1, labels: { 'com.df.scaleMin': '0' } };
    expect(labelsOf(await suggest({ service: 'web' }, { service: allowed }))).not.toContain(
      'Scale web 1 → 0',
    );
  });

  it.each([
    ['com.df.scaleMax', '2', ['Scale web 2 → 1'], 'its max is 2 (label com.df.scaleMax)'],
    ['com.df.scaleMin', '2', ['Scale web 2 → 3'], 'its min is 2 (label com.df.scaleMin)'],
  ])('keeps the bound that the service gives itself: %s', async (name, value, offered, note) => {
    const suggestions = await suggest(
      { service: 'web' },
      { service: { labels: { [name]: value } } },
    );
    expect(labelsOf(suggestions).slice(0, -2)).toEqual(offered);
    expect(suggestions.note).toContain(note);
  });

  it('is brought within bounds that it stands outside of, as the button says', async () => {
    const { choices } = await suggest(
      { service: 'web' },
      { service: { labels: { 'com.df.scaleMin': '4', 'com.df.scaleMax': '9' } } },
    );
    expect(choices[0]?.label).toBe('Scale web 2 → 4');
    expect(choices[0]?.does).toMatchObject({ params: { by: 1, max: 4 } });
  });

  it('is rolled back where its rollout is paused, to what the button says and nothing else', async () => {
    const spec = (Image: string) => ({ TaskTemplate: { ContainerSpec: { Image } } });
    const { choices } = await suggest(
      { service: 'web' },
      {
        service: {
          updateState: 'paused',
          spec: spec('shop/web:2'),
          previousSpec: spec('registry.example.org:5000/shop/web:1'),
        },
      },
    );
    expect(choices.slice(0, -2)).toMatchObject([
      {
        id: 'rollback',
        label: 'Roll back web to …mple.org:5000/shop/web:1',
        confirm:
          'This would roll back web from shop/web:2 to registry.example.org:5000/shop/web:1. Running tasks are interrupted.',
        does: { params: { service: 'web', to: 'registry.example.org:5000/shop/web:1' } },
      },
    ]);
  });

  it("keeps the policy's bounds where the service gives none", async () => {
    const bounds = { min: 1, max: 2 };
    expect(labelsOf(await suggest({ service: 'web' }, { bounds })).slice(0, -2)).toEqual([
      'Scale web 2 → 1',
    ]);
  });

  it('says why nothing is suggested where the service cannot be scaled', async () => {
    const service = { mode: 'global', replicas: undefined } as const;
    const suggestions = await suggest({ service: 'web' }, { service });
    expect(labelsOf(suggestions)).toEqual(['Acknowledge', 'Dismiss']);
    expect(suggestions.note).toBe(
      'Not suggested: service web is global; only a replicated service has replicas to change.',
    );
  });

  it('is left alone while a rollout is in progress', async () => {
    const suggestions = await suggest({ service: 'web' }, { service: { updateState: 'updating' } });
    expect(labelsOf(suggestions)).toEqual(['Acknowledge', 'Dismiss']);
    expect(suggestions.note).toBe(
      'Not suggested: service web: a rollout is in progress (updating).',
    );
  });

  it('gets a note where the label names no service, or none can be read', async () => {
    const missing = new TargetError('not_found', 'reading service web: 404 not found');
    const suggestions = await suggest({ service: 'web' }, { service: missing });
    expect(labelsOf(suggestions)).toEqual(['Acknowledge', 'Dismiss']);
    expect(suggestions.note).toBe(
      'No change is suggested for service web: reading service web: 404 not found.',
    );
    expect((await suggest({ service: 'we*' })).note).toContain('without wildcards');
  });
});

describe('an alert about a node', () => {
  it('gets one instance more in the group of the configuration', async () => {
    const { choices, note } = await suggest({ type: 'node' }, { workerAsg: 'workers' });
    expect(note).toBeNull();
    expect(choices[0]).toEqual({
      id: 'node',
      label: 'Resize workers 3 → 4',
      style: undefined,
      does: {
        kind: 'act',
        action: 'asg.resize',
        params: { group: 'workers', by: 1, max: 4 },
        target: { id: 'asg/workers', name: 'workers' },
      },
    });
  });

  it('prefers the group that its label asg names, with or without type=node', async () => {
    for (const labels of [{ asg: 'other' }, { asg: 'other', type: 'node' }]) {
      const { choices } = await suggest(labels, { workerAsg: 'workers' });
      expect(choices[0]?.label).toBe('Resize other 3 → 4');
    }
  });

  it('gets none where the group is at its maximum, cannot be read, or is not known', async () => {
    const full = await suggest({ asg: 'workers' }, { group: { desired: 5 } });
    expect(labelsOf(full)).toEqual(['Acknowledge', 'Dismiss']);
    expect(full.note).toContain("its max is 5 (the group's MaxSize)");
    const lost = new TargetError('unavailable', 'no answer');
    expect((await suggest({ asg: 'workers' }, { group: lost })).note).toContain('no answer');
    expect((await suggest({ type: 'node' })).note).toContain('JIDOKA_WORKER_ASG');
  });

  it('gets both kinds of suggestion where it names a service too, with different ids', async () => {
    const { choices } = await suggest({ service: 'web', asg: 'workers' });
    expect(choices.map(({ id }) => id)).toEqual([
      'up',
      'down',
      'node',
      'restart',
      'ack',
      'dismiss',
    ]);
  });

  it('keeps the numbers readable in a button whose group has a long name', async () => {
    const { choices } = await suggest({ asg: 'g'.repeat(200) });
    expect(choices[0]?.label).toBe(`Resize ${'g'.repeat(39)}… 3 → 4`);
  });
});

it('an alert with neither can be acknowledged and dismissed', async () => {
  const suggestions = await suggest({ alertname: 'Odd' }, { workerAsg: 'workers' });
  expect(labelsOf(suggestions)).toEqual(['Acknowledge', 'Dismiss']);
  expect(suggestions.note).toBeNull();
});

import { describe, expect, it } from 'vitest';
import type { PlanBounds } from '../../../../src/integrations/contract/action.js';
import { createSwarmScale } from '../../../../src/integrations/swarm/scale.js';
import type { ServiceState } from '../../../../src/integrations/swarm/service-change.js';
import { readServiceLabels } from '../../../../src/integrations/swarm/service-labels.js';
import { swarmOf } from '../../../support/swarm-of.js';

const action = createSwarmScale({ swarm: swarmOf({}) });

type Labels = Readonly<Record<string, string>>;
type State = Omit<ServiceState, 'says'> & { readonly labels: Labels };

function observed(replicas: number, { labels = {}, ...state }: Partial<State>) {
  return {
    target: { id: 'swarm.service/abc', name: 'web' },
    size: replicas,
    unit: 'replicas',
    version: '7',
    state: {
      mode: 'replicated',
      updateState: undefined,
      settings: readServiceLabels(labels),
      ...state,
    },
  } as const;
}

const noFallback: PlanBounds = { min: undefined, max: undefined };

function plan(
  params: Omit<Parameters<typeof action.plan>[0], 'service'>,
  service: Partial<State> & { replicas?: number },
  fallback = noFallback,
) {
  const { replicas = 3, ...state } = service;
  return action.plan({ service: 'web', ...params }, observed(replicas, state), fallback);
}

describe('the parameters of swarm.scale', () => {
  const accepts = (params: unknown) => action.params.safeParse(params).success;

  it('are a service and either a number or a direction', () => {
    expect(accepts({ service: 'web', by: 1 })).toBe(true);
    expect(accepts({ service: 'go-demo_main', direction: 'down', min: 0, max: 3 })).toBe(true);
    expect(accepts({ service: 'web' })).toBe(false);
    expect(accepts({ service: 'web', by: 1, direction: 'up' })).toBe(false);
  });

  it.each(['', '*', 'web*', 'web/../x', 'a b', '-web', 'w.eb', 'x'.repeat(64)])(
    'do not take %j for a service',
    (service) => {
      expect(accepts({ service, by: 1 })).toBe(false);
    },
  );

  it.each([
    ['a step of nothing', { by: 0 }],
    ['half a replica', { by: 0.5 }],
    ['a number in quotes', { by: '1' }],
    ['an unknown direction', { direction: 'sideways' }],
    ['a floor below zero', { by: 1, min: -1 }],
    ['a floor above the ceiling', { by: 1, min: 4, max: 3 }],
    ['a typing error', { by: 1, maximum: 3 }],
  ])('do not take %s', (_, rest) => {
    expect(accepts({ service: 'web', ...rest })).toBe(false);
  });
});

describe('planning swarm.scale', () => {
  it('carries the version that was read, so that applying it is a compare-and-set', () => {
    expect(plan({ by: 1, max: 5 }, {})).toEqual({
      kind: 'change',
      target: { id: 'swarm.service/abc', name: 'web' },
      op: { kind: 'resize', from: 3, to: 4, unit: 'replicas' },
      version: '7',
    });
  });

  it.each([
    [{ 'com.df.scaleMax': '4' }, 4],
    [{ 'jidoka.scale.max': '5' }, 5],
    [{ 'com.df.scaleMax': '4', 'jidoka.scale.max': '5' }, 5],
    [{}, 9],
  ])('takes the ceiling from the labels %j, else from the policy', (labels, to) => {
    expect(plan({ by: 20 }, { labels }, { min: 1, max: 9 })).toMatchObject({ op: { to } });
  });

  it('keeps the bounds of the labels where the step gives wider ones, and the other way round', () => {
    const labels = { 'com.df.scaleMin': '2', 'com.df.scaleMax': '4' };
    expect(plan({ by: 20, max: 12 }, { labels })).toMatchObject({ op: { to: 4 } });
    expect(plan({ by: -20, min: 1 }, { labels })).toMatchObject({ op: { to: 2 } });
    expect(plan({ by: 20, max: 5 }, { labels: { 'com.df.scaleMax': '9' } })).toMatchObject({
      op: { to: 5 },
    });
  });

  it('asks where only an expression gives the bound that the step needs', () => {
    const fallback = { ...noFallback, fromExpression: ['max', 'min'] };
    expect(plan({ by: 1, max: 12 }, {}, fallback)).toMatchObject({
      reason: 'no_bounds',
      detail: expect.stringContaining('an expression only narrows'),
    });
    expect(plan({ by: -9, min: 0 }, {}, fallback)).toMatchObject({ reason: 'no_bounds' });
    const labels = { 'com.df.scaleMin': '2' };
    expect(plan({ by: -9, min: 0 }, { labels }, fallback)).toMatchObject({ op: { to: 2 } });
  });

  it('takes each bound from where it is given, independently of the other', () => {
    const labels = { 'com.df.scaleMax': '8' };
    expect(plan({ by: -9, min: 1 }, { labels })).toMatchObject({ op: { to: 1 } });
    expect(plan({ by: 9, min: 1 }, { labels })).toMatchObject({ op: { to: 8 } });
  });

  it.each([
    ['up', {}, 4],
    ['down', {}, 2],
    ['up', { 'com.df.scaleUpBy': '3' }, 6],
    ['down', { 'com.df.scaleDownBy': '2' }, 1],
    ['up', { 'com.df.scaleUpBy': '3', 'jidoka.scale.up_by': '2' }, 5],
    ['down', { 'com.df.scaleDownBy': '2', 'jidoka.scale.down_by': '1' }, 2],
  ] as const)('steps %s by what the labels %j say, else by one', (direction, labels, to) => {
    expect(plan({ direction, min: 0, max: 9 }, { labels })).toMatchObject({
      kind: 'change',
      op: { to },
    });
  });

  it.each([
    ['com.df.scaleMax', 'five'],
    ['jidoka.scale.max', ''],
    ['com.df.scaleMin', '-1'],
    ['com.df.scaleMin', '1.5'],
    ['com.df.scaleUpBy', '0'],
    ['jidoka.scale.up_by', '1e3'],
  ])('refuses the label %s=%j and names it', (name, value) => {
    const refused = plan({ direction: 'up' }, { labels: { [name]: value } }, { min: 1, max: 9 });
    expect(refused).toMatchObject({ kind: 'refused', reason: 'labels_unreadable' });
    expect(refused).toHaveProperty('detail', expect.stringContaining(`${name} is "${value}"`));
  });

  it('refuses a floor above the ceiling and says where both come from', () => {
    const refused = plan({ by: 1, max: 2 }, { labels: { 'com.df.scaleMin': '3' } });
    expect(refused).toMatchObject({ kind: 'refused', reason: 'unsupported' });
    expect(refused).toHaveProperty(
      'detail',
      'web: min 3 (label com.df.scaleMin) is above max 2 (the step); no size satisfies both',
    );
  });

  it('refuses where the bound that it needs is given nowhere, and says where to give it', () => {
    const up = plan({ by: 1 }, { labels: { 'com.df.scaleMin': '1' } });
    expect(up).toMatchObject({ kind: 'refused', reason: 'no_bounds' });
    expect(up).toHaveProperty('detail', expect.stringMatching(/no max .*com\.df\.scaleMax/));
    expect(plan({ by: -1 }, { labels: { 'com.df.scaleMax': '5' } })).toMatchObject({
      reason: 'no_bounds',
    });
  });

  it('goes down to zero only where an explicit zero allows it', () => {
    expect(plan({ by: -1 }, { replicas: 1 })).toMatchObject({ reason: 'no_bounds' });
    expect(plan({ by: -1, min: 0 }, { replicas: 1 })).toMatchObject({
      kind: 'change',
      op: { to: 0 },
    });
  });

  it('says which bound it stands at and who gave it', () => {
    expect(plan({ by: 1 }, { labels: { 'com.df.scaleMax': '3' } })).toEqual({
      kind: 'at_bound',
      bound: 'max',
      detail: 'web has 3 replicas; its max is 3 (label com.df.scaleMax)',
    });
  });

  it.each(['global', 'replicated-job', 'global-job'] as const)('refuses a %s service', (mode) => {
    const refused = plan({ by: 1, max: 5 }, { mode });
    expect(refused).toMatchObject({ kind: 'refused', reason: 'unsupported' });
    expect(refused).toHaveProperty('detail', expect.stringContaining(mode));
  });

  it.each([
    ['false', 'unsupported'],
    ['False', 'labels_unreadable'],
    ['no', 'labels_unreadable'],
    ['', 'labels_unreadable'],
  ])('keeps away from jidoka.enable=%j', (value, reason) => {
    expect(plan({ by: 1, max: 5 }, { labels: { 'jidoka.enable': value } })).toMatchObject({
      kind: 'refused',
      reason,
    });
  });

  it('does nothing with a service of which any label cannot be read, needed or not', () => {
    const labels = { 'com.df.scaleMin': 'two', 'jidoka.mode': 'on' };
    expect(plan({ by: 1, min: 1, max: 5 }, { labels })).toEqual({
      kind: 'refused',
      reason: 'labels_unreadable',
      detail:
        'service web: label com.df.scaleMin is "two"; expected a whole number of at least 0, and 1 more',
    });
  });

  it('acts on jidoka.enable=true', () => {
    expect(plan({ by: 1, max: 5 }, { labels: { 'jidoka.enable': 'true' } })).toMatchObject({
      kind: 'change',
    });
  });

  it.each(['updating', 'paused', 'rollback_started', 'rollback_paused', 'something_new'])(
    'waits while the rollout is %s',
    (updateState) => {
      expect(plan({ by: 1, max: 5 }, { updateState })).toMatchObject({ kind: 'wait' });
    },
  );

  it.each(['paused', 'rollback_paused'])(
    'says that it would resume a %s rollout',
    (updateState) => {
      expect(plan({ by: 1, max: 5 }, { updateState })).toHaveProperty(
        'detail',
        expect.stringContaining('would resume it'),
      );
    },
  );

  it.each(['completed', 'rollback_completed'])('acts after a %s rollout', (updateState) => {
    expect(plan({ by: 1, max: 5 }, { updateState })).toMatchObject({ kind: 'change' });
  });

  it('does not wait for a rollout where there is nothing to do', () => {
    expect(plan({ by: 1, max: 3 }, { updateState: 'updating' })).toMatchObject({
      kind: 'at_bound',
    });
  });
});

describe('putting swarm.scale back', () => {
  const back = (state: Partial<State>, params = {}) =>
    action.planTo({ service: 'web', by: 1, ...params }, observed(3, state), 2, noFallback);

  it('is a change to what was found, whatever the step asks for', () => {
    expect(back({})).toMatchObject({ kind: 'change', op: { from: 3, to: 2 }, version: '7' });
  });

  it('waits for a rollout, refuses what its owner or a floor forbids', () => {
    expect(back({ updateState: 'paused' })).toMatchObject({ kind: 'wait' });
    expect(back({ labels: { 'jidoka.enable': 'false' } })).toMatchObject({ kind: 'refused' });
    expect(back({ labels: { 'com.df.scaleMin': '3' } })).toMatchObject({ kind: 'refused' });
    expect(back({}, { min: 3 })).toMatchObject({ kind: 'refused' });
    expect(back({ mode: 'global' })).toMatchObject({ kind: 'refused' });
  });
});

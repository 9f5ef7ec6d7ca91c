import { describe, expect, test } from 'vitest';
import { isJoinable, joinHash, type Run, targetsOf } from '../../../src/ledger/run.js';
import { sampleRun, sampleStep } from './sample-run.js';

describe('later episodes may join a run', () => {
  const two = { steps: [sampleStep({ repeat: 2 }), sampleStep()] };
  const last = { step: 1, taken: 1 };
  const cases: [string, Partial<Run>, boolean][] = [
    ['that waits for a person', { state: 'awaiting_approval' }, true],
    ['that waits for its guards', { state: 'admitting' }, true],
    ['that plans', { state: 'planning' }, true],
    ['that applies its first step', { state: 'applying', taken: 1 }, true],
    ['that settles and has a step left', { state: 'settling', step: 0, taken: 2 }, true],
    ['whose last step takes effect', { state: 'converging', ...last }, true],
    ['but not when the last step has taken effect', { state: 'settling', ...last }, false],
    ['but not when it puts things back', { state: 'planning', undo: [0] }, false],
    ['but not when it has ended', { state: 'ended' }, false],
    [
      'but not when a person started it',
      { state: 'planning', origin: { kind: 'person', by: 'ada', escalationId: 'e' } },
      false,
    ],
  ];
  test.each(cases)('%s', (_, fields, joinable) => {
    expect(isJoinable({ ...sampleRun(two), ...fields })).toBe(joinable);
  });
});

describe('what two episodes must have in common', () => {
  const hash = joinHash('scale-up', [sampleStep()]);

  test('is the same after a journey through the ledger', () => {
    const read = JSON.parse(JSON.stringify(sampleRun())) as Run;
    expect(joinHash('scale-up', read.steps)).toBe(hash);
  });

  test('is not where they wait or repeat differently', () => {
    expect(joinHash('scale-up', [sampleStep({ settleMs: 1, repeat: 9, undo: true })])).toBe(hash);
  });

  test.each([
    ['the playbook', joinHash('scale-down', [sampleStep()])],
    ['the action', joinHash('scale-up', [sampleStep({ action: 'test.restart' })])],
    ['a parameter', joinHash('scale-up', [sampleStep({ params: { service: 'web', by: 2 } })])],
    ['the target', joinHash('scale-up', [sampleStep({ target: { id: 'other', name: 'web' } })])],
    ['the number of steps', joinHash('scale-up', [sampleStep(), sampleStep()])],
  ])('differs with %s', (_, other) => {
    expect(other).not.toBe(hash);
  });
});

test('a run locks each of its targets once, in an order that all runs share', () => {
  const step = (id: string) => sampleStep({ target: { id, name: id } });
  const targets = targetsOf({ steps: [step('b'), step('a'), step('b')] });
  expect(targets.map(({ id }) => id)).toEqual(['a', 'b']);
});

import { describe, expect, test } from 'vitest';
import { directionOf, type Pause, pause } from '../../../src/guard/pause.js';
import { createKeys } from '../../../src/ledger/keys.js';

const keys = createKeys('cell');
const web = { id: 'swarm.service/s1', name: 'web' };
const guard = pause(keys, { playbook: 'scale-up', targets: [web], direction: 'up' }, 1_000);

test('a run is halted by a pause of everything, its playbook, its target by id or name, its direction', () => {
  expect(guard.claim).toMatchObject({
    key: keys.pauses,
    fields: [
      'everything',
      'playbook:scale-up',
      'target:swarm.service/s1',
      'target:web',
      'direction:up',
    ],
  });
});

test("a person's action has no playbook, and no direction as long as that is not known", () => {
  const chosen = pause(keys, { playbook: null, targets: [web], direction: null }, 1_000);
  expect(chosen.claim).toMatchObject({
    fields: ['everything', 'target:swarm.service/s1', 'target:web'],
  });
});

describe('a hold by a pause', () => {
  const by = { by: 'ada', why: 'release', sinceMs: 0 } as const;
  const explained = (paused: Pause) =>
    guard.explain({ claim: 0, untilMs: paused.untilMs, detail: JSON.stringify(paused) });

  test.each([
    [{ of: 'everything' } as const, 'everything is paused by ada until it is lifted: release'],
    [{ of: 'playbook', name: 'p' } as const, 'the playbook p is paused by ada'],
    [{ of: 'target', name: 'web' } as const, 'the target web is paused by ada'],
    [{ of: 'direction', name: 'down' } as const, 'scaling down is paused by ada'],
  ])('of %j says who paused, until when and why', (scope, text) => {
    const { reason, detail } = explained({ ...scope, ...by, untilMs: null });
    expect(reason).toBe('paused');
    expect(detail).toContain(text);
  });

  test('is asked about again when it lifts, and before that, because a person may lift it', () => {
    const scope = { of: 'everything', ...by } as const;
    expect(explained({ ...scope, untilMs: 9_000 }).untilMs).toBe(9_000);
    expect(explained({ ...scope, untilMs: 9_000_000 }).untilMs).toBe(31_000);
    expect(explained({ ...scope, untilMs: null }).untilMs).toBe(31_000);
  });
});

test.each([
  [2, 3, 'up'],
  [3, 2, 'down'],
  [2, 2, null],
])('a size from %s to %s goes %s', (from, to, direction) => {
  const op = { kind: 'resize', from, to, unit: 'replicas' };
  expect(directionOf({ op })).toBe(direction);
});

test('what is no size goes neither way', () => {
  expect(directionOf({ op: { kind: 'drain', from: 'active', to: 'drain' } })).toBeNull();
});

import { expect, test } from 'vitest';
import { answerOf, type Forecast } from '../../../../src/cli/explain/answer.js';
import { describeTime } from '../../../../src/cli/shown.js';
import { episode, explanation, inTheWay, missing, nowMs, running, taking } from './samples.js';

const minute = 60_000;
const inFour = describeTime(nowMs + 4 * minute, nowMs);
const answer = (fields: Partial<Forecast>) =>
  answerOf(explanation({ forecasts: [{ ...running, ...fields }] }));
const noMatch: Partial<Forecast> = { playbook: null, fate: 'escalated', reason: 'no_match' };

test.each<[Partial<Forecast>, string]>([
  [{}, 'It would scale web from 3 to 4 replicas now.'],
  [{ again_at_ms: nowMs + 4 * minute }, `It would scale web from 3 to 4 replicas at ${inFour}.`],
  [
    { steps: [], detail: 'web has 5 replicas; its max is 5' },
    'A run of scale-up would begin now and change nothing yet: web has 5 replicas; its max is 5.',
  ],
  [
    { fate: 'ask', reason: 'approval' },
    'A person would be asked whether to scale web from 3 to 4 replicas: scale-up is in mode approve.',
  ],
  [
    { fate: 'ask', reason: 'breaker', held_by: [inTheWay('cooldown', nowMs + 4 * minute)] },
    `A person would be asked whether to scale web from 3 to 4 replicas: its breaker is open. Even then: cooldown on web until ${inFour}.`,
  ],
  [{ fate: 'join', run_id: 'r1' }, 'It would join run r1 of scale-up, which is under way.'],
  [
    { fate: 'held', reason: 'cooldown', held_by: [inTheWay('cooldown', nowMs + 4 * minute)] },
    `Nothing would be done now: cooldown on web until ${inFour}.`,
  ],
  [
    { fate: 'held', reason: 'target_busy', held_by: [inTheWay('target_busy', null)] },
    'Nothing would be done now: target_busy in detail until that run ends.',
  ],
  [
    {
      fate: 'held',
      reason: 'target_unavailable',
      detail: 'no answer',
      again_at_ms: nowMs + 4 * minute,
    },
    `Nothing would be done now: no answer (next decision at ${inFour}).`,
  ],
  [
    { fate: 'escalated', reason: 'no_bounds', detail: 'web: no max is given; give it in the step' },
    'A person would be asked what to do: web: no max is given.',
  ],
  [{ fate: 'ignored' }, 'Nothing would be done: scale-up ignores this alert.'],
  [
    { fate: 'unknown' },
    'scale-up takes it; whether it would act now is not known, as no engine was asked.',
  ],
  [
    { fate: 'decided', run_id: 'r1' },
    'Nothing new would be done: scale-up has its run r1 for this alert (long ago).',
  ],
])('%j is answered in a sentence', (fields, sentence) => {
  expect(answer(fields)).toBe(sentence);
});

test('of several things in the way, what a person has to lift is named first, then what lasts longest', () => {
  const held = [
    inTheWay('target_busy', null),
    inTheWay('cooldown', nowMs + 1),
    inTheWay('limit', nowMs + 4 * minute),
  ];
  expect(answer({ fate: 'held', held_by: held })).toBe(
    `Nothing would be done now: a limit on runs is reached until ${inFour}, and 2 more guards.`,
  );
  expect(answer({ fate: 'held', held_by: [...held, inTheWay('paused', null)] })).toBe(
    'Nothing would be done now: a person paused it until it is lifted, and 3 more guards.',
  );
});

test('where no playbook matches, the nearest is named with what it wants', () => {
  const forecasts = [{ ...running, ...noMatch }];
  const said = (playbooks: (typeof missing)[]) => answerOf(explanation({ forecasts, playbooks }));
  expect(said([missing])).toBe(
    'No playbook matches; nearest is scale-up, which wants scale="up" but the alert has no such label. A person would be asked.',
  );
  const [met, wish] = missing.clauses;
  const other = { ...missing, clauses: met && wish ? [met, { ...wish, actual: '"down"' }] : [] };
  expect(said([other])).toContain('which wants scale="up" but it is "down".');
  for (const far of [
    { ...missing, shared: 0 },
    { ...missing, ignore: true },
  ]) {
    expect(said([far])).toBe(
      'No playbook matches, and none is a near miss. A person would be asked.',
    );
  }
});

test('a playbook that was named is answered for alone', () => {
  const late = { ...taking, playbook: 'b', standing: 'comes_late' as const, after: 'scale-up' };
  expect(answerOf(explanation({ playbooks: [late] }), 'b')).toBe(
    'b matches, but scale-up comes first and does not continue.',
  );
  expect(answerOf(explanation({ playbooks: [{ ...missing, playbook: 'c' }] }), 'c')).toBe(
    'c does not match: it wants scale="up" but the alert has no such label.',
  );
  expect(answerOf(explanation(), 'scale-up')).toBe('It would scale web from 3 to 4 replicas now.');
});

test('an alert that has its run is told how far that has come, and what it waits for', () => {
  const forecasts = [{ ...running, fate: 'decided' as const, run_id: 'r1' }];
  const why = { reason: 'paused', reason_text: 'a person paused it', detail: '' } as const;
  const said = (run: Partial<(typeof episode.runs)[number]>) => {
    const runs = episode.runs.map((known) => ({ ...known, ...run }));
    return answerOf(explanation({ forecasts, episode: { ...episode, runs } }));
  };
  const sentence = 'Nothing new would be done: scale-up has its run r1 for this alert';
  expect(said({})).toBe(`${sentence} (settling).`);
  expect(said({ waiting: why })).toBe(`${sentence} (settling, waits: a person paused it).`);
  expect(said({ outcome: { ...why, kind: 'done', reason_text: 'the alerts resolved' } })).toBe(
    `${sentence} (done: the alerts resolved).`,
  );
});

test('a resolved alert, a muted one and one that needs nobody are told as such', () => {
  const why = {
    reason: 'muted',
    reason_text: 'it is muted',
    detail: 'it is the watchdog',
  } as const;
  expect(answerOf(explanation({ status: 'resolved' }))).toBe(
    'It is resolved, so nothing would be done. If it fired: It would scale web from 3 to 4 replicas now.',
  );
  expect(answerOf(explanation({ own: { fate: 'held', ...why } }))).toBe(
    'Nothing would be done now: it is muted. After that: It would scale web from 3 to 4 replicas now.',
  );
  expect(answerOf(explanation({ own: { fate: 'ignored', ...why } }))).toBe(
    'Nothing would be done: it is the watchdog.',
  );
});

test('a playbook in shadow is told besides', () => {
  const forecasts = [
    { ...running, ...noMatch },
    { ...running, shadow: true },
  ];
  expect(answerOf(explanation({ forecasts }))).toMatch(
    /^No playbook matches.* scale-up is in shadow\. If it were auto, it would scale web from 3 to 4 replicas now\.$/,
  );
});

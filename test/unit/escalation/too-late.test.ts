import { expect, test } from 'vitest';
import { describeTooLate } from '../../../src/escalation/too-late.js';
import { createAnswered, createEscalation } from '../receiver/fake-parts.js';

const endedAtMs = Date.parse('2026-01-31T08:15:30Z');

test('an answer is told with who, what and when', () => {
  expect(describeTooLate(createAnswered())).toBe(
    'bo <!channel> (U2) chose "Dismiss" on 2026-01-31 at 08:15:30 UTC.',
  );
});

test('an expired question is told as such', () => {
  expect(describeTooLate(createEscalation({ state: 'expired', endedAtMs }))).toMatch(
    /^Nobody answered in time.*2026-01-31 at 08:15:30 UTC/,
  );
});

test('a withdrawn question is told as such, with the time where it is known', () => {
  expect(describeTooLate(createEscalation({ state: 'withdrawn', endedAtMs }))).toMatch(
    /withdrawn on 2026-01-31/,
  );
  expect(describeTooLate(createEscalation({ state: 'withdrawn' }))).toMatch(/withdrawn:/);
});

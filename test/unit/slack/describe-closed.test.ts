import { expect, test } from 'vitest';
import { describeClosed } from '../../../src/slack/describe-closed.js';
import { createAnswered, createEscalation } from '../api/fake-parts.js';

const endedAtMs = Date.parse('2026-01-31T08:15:30Z');

test('an answer is told with who, what and when', () => {
  expect(describeClosed(createAnswered())).toBe(
    'bo <!channel> (U2) chose "Dismiss" on 2026-01-31 at 08:15:30 UTC.',
  );
});

test('an expired question is told as such', () => {
  expect(describeClosed(createEscalation({ state: 'expired', endedAtMs }))).toMatch(
    /^The question expired without an answer.*2026-01-31 at 08:15:30 UTC/,
  );
});

test('a withdrawn question is told as such, with the time where it is known', () => {
  expect(describeClosed(createEscalation({ state: 'withdrawn', endedAtMs }))).toMatch(
    /withdrew the question on 2026-01-31/,
  );
  expect(describeClosed(createEscalation({ state: 'withdrawn' }))).toMatch(
    /withdrew the question:/,
  );
});

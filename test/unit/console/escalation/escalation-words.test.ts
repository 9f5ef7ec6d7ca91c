import { expect, test } from 'vitest';
import { standingOfEscalation } from '../../../../src/console/escalation/escalation-words.js';

test.each([
  ['ack', 'Acknowledge', 'Acknowledged by ada'],
  ['deny', 'Deny', 'Denied by ada'],
  ['c1', 'Scale web 2 → 3', 'Scale web 2 → 3: ada'],
])('an escalation that was answered with %s says so, and by whom', (choiceId, label, word) => {
  const answer = { choiceId, label, by: 'ada', atMs: 0, runId: null };
  expect(standingOfEscalation({ state: 'answered', answer }).word).toBe(word);
});

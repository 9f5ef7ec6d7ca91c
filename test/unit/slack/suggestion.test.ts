import { expect, test } from 'vitest';
import { draftChoices } from '../../../src/escalation/playbook-suggestion.js';
import type { PlaybookSuggestion } from '../../../src/ledger/playbook-suggestion.js';
import { renderMessage } from '../../../src/slack/message.js';
import { draftOf } from '../../support/lesson.js';
import { sampleEscalation } from './samples.js';

/** The message of a lesson with a draft. */
async function shown(differences: Partial<PlaybookSuggestion> = {}, trial: string | null = null) {
  const draft = { ...(await draftOf()), trial };
  const lesson: PlaybookSuggestion = {
    runId: 'run-1',
    questionId: 'q',
    draft,
    written: null,
    fault: null,
    ...differences,
  };
  const escalation = sampleEscalation({
    kind: 'lesson',
    reason: 'learned',
    misses: [],
    choices: draftChoices,
    lesson,
    ...(lesson.written === null ? {} : { state: 'answered' as const }),
  });
  const input = { escalation, joined: 0, openEpisodes: 0, run: null };
  return { text: JSON.stringify(renderMessage(input).blocks), draft };
}

test('a draft is shown whole with its tests, what it would have done, and its buttons', async () => {
  const { text, draft } = await shown({}, 'It would have taken 3 alerts.');
  const inJson = (part: string) => JSON.stringify(part).slice(1, -1);
  expect(text).toContain(inJson(`\`\`\`\n${draft.text.trimEnd()}\n\`\`\``));
  expect(text).toContain(inJson(draft.testText.split('\n')[2] ?? '?'));
  expect(text).toContain('It would have taken 3 alerts.');
  expect(text).toContain('Make this a playbook?');
  expect(text).toContain('"Accept"');
  expect(text).toContain('"Not now"');
});

test('what there is no room for is said, with where it is', async () => {
  const { text, draft } = await shown();
  const rest =
    '(the beginning; the console and `/api/v1/escalations/esc1/playbook` show all of it):';
  expect(text).toContain(`\`${draft.testFile}\` ${rest}`);
  expect(text).toContain(`\`${draft.file}\`:\\n`);
});

test('while it is tried the message says so, and why it could not be written where it could not', async () => {
  const { text } = await shown({ fault: 'The folder is read-only.' });
  expect(text).toContain('running a backtest');
  expect(text).toContain(':warning: The folder is read-only.');
});

test('afterwards it says where it is and what comes next', async () => {
  const { text, draft } = await shown({ written: 'learned/a.yaml' });
  expect(text).toContain('Written to `learned/a.yaml` with its tests.');
  expect(text).toContain('Set `mode: auto`');
  expect(text).not.toContain(draft.text.split('\n')[5]);
  expect(text).not.toContain('"button"');
});

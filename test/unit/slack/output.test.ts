import { expect, test } from 'vitest';
import { end } from '../../../src/engine/run/transitions.js';
import { readBlocks } from '../../../src/sim/slack/blocks.js';
import { renderMessage } from '../../../src/slack/message.js';
import { expectHarmless } from './absurd.js';
import { ranJob, sampleEscalation, startMs } from './samples.js';

/** The message about a run whose job printed this. */
function messageOf(printed: string | null, isOver = true) {
  const ran = ranJob(printed);
  const failed = { kind: 'failed', reason: 'job_failed', detail: 'exit code 3' } as const;
  const run = isOver ? end(ran, failed, startMs) : ran;
  const escalation = sampleEscalation({ kind: 'report', runId: run.id, reason: 'job_failed' });
  return renderMessage({ escalation, run, joined: 1, openEpisodes: 1 });
}

const textOf = (message: ReturnType<typeof messageOf>) => JSON.stringify(message.blocks);

test('the message about a run that ended shows what its job printed', () => {
  const message = messageOf('freed 3 GiB\ndisk still full\n');
  expect(message.blocks).toContainEqual({
    type: 'section',
    text: {
      type: 'mrkdwn',
      text: '*Output* of run clean on node-3:\n```\nfreed 3 GiB\ndisk still full\n```',
      verbatim: true,
    },
  });
});

test.each([
  ['runs still', 'begun', false],
  ['printed nothing', ' \n', true],
  ['keeps no output', null, true],
])('nothing of a job that %s', (_, printed, isOver) => {
  expect(textOf(messageOf(printed, isOver))).not.toContain('*Output*');
});

test('of a long output the end is shown, from the beginning of a line', () => {
  const lines = Array.from({ length: 2_000 }, (_, index) => `line ${index} of many`);
  const text = textOf(messageOf(lines.join('\n')));
  expect(text).toMatch(/```\\n…\\nline \d+ of many\\n/);
  expect(text).toContain('line 1999 of many\\n```');
  expect(text.length).toBeLessThan(4_000);
});

test.each(['<!channel> @here &', '```', '\u{202e}\0', '👩‍👩‍👧‍👦', '"\\'])(
  'an output full of %j keeps the limits of Slack and mentions nobody',
  (unit) => {
    const message = messageOf(unit.repeat(16_000 / unit.length));
    expect(() => readBlocks(message.blocks)).not.toThrow();
    expectHarmless(message);
  },
);

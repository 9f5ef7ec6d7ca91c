import fc from 'fast-check';
import { expect } from 'vitest';
import { end, note } from '../../../src/engine/run/transitions.js';
import type { Escalation } from '../../../src/ledger/escalation.js';
import type { Run } from '../../../src/ledger/run.js';
import { readBlocks } from '../../../src/sim/slack/blocks.js';
import type { MessageContent } from '../../../src/slack/message.js';
import { answered, ranJob, sampleEscalation, sampleMiss, startMs } from './samples.js';

const absurd = fc.constantFrom(
  '',
  ' ',
  '\n\n\n',
  '<!channel>',
  '<!here|now> <@U123ABC> <#C123> <https://evil.example|Runbook>',
  '&&&<<<>>>',
  '```\n`code`\n```',
  '*_~`'.repeat(50),
  '"\\'.repeat(6_000),
  'x'.repeat(10_240),
  '&'.repeat(10_240),
  '👩‍👩‍👧‍👦'.repeat(1_000),
  `e${'\u0301'.repeat(12_000)}`,
  '\u202Eשלום עולם'.repeat(900),
  '\uD83D\uDE00\uD83D',
  '\u0000\u0007\u001B[31m',
);

/** What nobody would write and somebody will send. */
export const absurdText = fc.oneof(
  { weight: 3, arbitrary: absurd },
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
);
const id = fc.stringMatching(/^[A-Za-z0-9_-]{1,24}$/);
const labels = fc
  .tuple(fc.dictionary(absurdText, absurdText, { maxKeys: 12 }), fc.nat({ max: 300 }), absurdText)
  .map(([some, count, value]) => ({
    ...some,
    ...Object.fromEntries(Array.from({ length: count }, (_, index) => [`label_${index}`, value])),
  }));
const choices: fc.Arbitrary<Escalation['choices']> = fc.option(
  fc.uniqueArray(
    fc.record({
      id,
      label: absurdText,
      style: fc.constantFrom('primary', 'danger', undefined),
      does: fc.constantFrom({ kind: 'acknowledge' as const }, { kind: 'approve' as const }),
    }),
    { maxLength: 40, selector: (choice) => choice.id },
  ),
);
const misses = fc
  .record({
    playbook: absurdText,
    clause: absurdText,
    actual: absurdText,
    reason: fc.constantFrom('no_match' as const, 'expression_failed' as const),
    missed: fc.integer({ min: 1, max: 9 }),
  })
  .map(sampleMiss);
const links = fc.array(
  fc.record({
    text: absurdText,
    url: fc.oneof(
      absurdText,
      absurdText.map((path) => `https://x.example/${path}`),
      fc.webUrl({ withQueryParameters: true, withFragments: true }),
    ),
  }),
  { maxLength: 8 },
);

const draft = fc.record({
  name: id,
  file: absurdText,
  text: absurdText,
  testFile: absurdText,
  testText: absurdText,
  notes: fc.array(absurdText, { maxLength: 12 }),
  warnings: fc.array(absurdText, { maxLength: 12 }),
  trial: fc.option(absurdText),
});
const lesson = fc.record({
  runId: id,
  questionId: id,
  draft: fc.option(draft),
  written: fc.option(absurdText),
  fault: fc.option(absurdText),
});

/** Escalations that say what nobody would. */
export const escalations: fc.Arbitrary<Escalation> = fc
  .record({
    kind: fc.constantFrom('unmatched', 'approval', 'report', 'lesson'),
    lesson,
    state: fc.constantFrom('open', 'answered', 'withdrawn', 'expired'),
    title: absurdText,
    detail: absurdText,
    labels,
    annotations: labels,
    links,
    misses: fc.array(misses, { maxLength: 12 }),
    choices,
    runId: fc.constantFrom(null, 'run1'),
    by: absurdText,
    label: absurdText,
  })
  .map(({ by, label, ...fields }) => {
    const { answer } = answered('up', 'up', 'run1');
    const given = answer === null ? null : { ...answer, by, label };
    return sampleEscalation({ ...fields, answer: fields.state === 'answered' ? given : null });
  });

/** The run that such an answer started. */
export const runs: fc.Arbitrary<Run | null> = fc.option(
  fc
    .record({
      detail: absurdText,
      notes: fc.array(absurdText, { maxLength: 30 }),
      printed: fc.option(absurdText),
    })
    .map(({ detail, notes, printed }) => {
      const noted = notes.reduce((run, words) => note(run, words, startMs), ranJob(printed));
      return end(noted, { kind: 'failed', reason: 'rejected', detail }, startMs);
    }),
);

/** Every text of blocks, with whether Slack reads markup in it. */
function textsOf(value: unknown): { readonly type: string; readonly text: string }[] {
  if (typeof value !== 'object' || value === null) return [];
  if ('type' in value && 'text' in value && typeof value.text === 'string') {
    return [{ type: String(value.type), text: value.text }];
  }
  return Object.values(value).flatMap(textsOf);
}

/** The only markup between angle brackets that we ever mean. */
const meant =
  /<(?:!date\^\d+\^\{date_short_pretty\} at \{time\}\|[-0-9: ]+UTC|https?:\/\/[^<>|\s]+\|[^<>]*)>/g;

/** Holds a message against Slack's limits, and looks that nobody is called and no link is made by it. */
export function expectHarmless({ text, blocks }: MessageContent): void {
  expect(() => readBlocks(blocks)).not.toThrow();
  expect(text.length).toBeGreaterThan(0);
  expect(Buffer.byteLength(text)).toBeLessThan(4_000);
  expect(text).not.toMatch(/[<>]|@(?:channel|here|everyone)\b/);
  for (const { type, text: said } of textsOf(blocks)) {
    expect(said).not.toMatch(/\p{Surrogate}/u);
    expect(said).not.toMatch(/<[!@#](?!date\^)|@(?:channel|here|everyone)\b/i);
    if (type !== 'mrkdwn') continue;
    const rest = said.replace(meant, '');
    expect(rest).not.toMatch(/[<>]/);
    expect(rest.replace(/&(?:amp|lt|gt);/g, '')).not.toContain('&');
  }
}

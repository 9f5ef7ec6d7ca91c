import fc from 'fast-check';
import { expect, test } from 'vitest';
import { renderMessage } from '../../../src/escalation/slack-message.js';
import type { Escalation } from '../../../src/ledger/escalation.js';
import type { Run } from '../../../src/ledger/run.js';
import { end, note } from '../../../src/ledger/run-transitions.js';
import { readBlocks } from '../../../src/sim/slack/blocks.js';
import { answered, sampleEscalation, sampleMiss, sampleRun, startMs } from './samples.js';

/** What nobody would write and somebody will send. */
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

const text = fc.oneof(
  { weight: 3, arbitrary: absurd },
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
);
const id = fc.stringMatching(/^[A-Za-z0-9_-]{1,24}$/);
const labels = fc
  .tuple(fc.dictionary(text, text, { maxKeys: 12 }), fc.nat({ max: 300 }), text)
  .map(([some, count, value]) => ({
    ...some,
    ...Object.fromEntries(Array.from({ length: count }, (_, index) => [`label_${index}`, value])),
  }));
const choices: fc.Arbitrary<Escalation['choices']> = fc.option(
  fc.uniqueArray(
    fc.record({
      id,
      label: text,
      style: fc.constantFrom('primary', 'danger', undefined),
      does: fc.constantFrom({ kind: 'acknowledge' as const }, { kind: 'approve' as const }),
    }),
    { maxLength: 40, selector: (choice) => choice.id },
  ),
);
const misses = fc
  .record({
    playbook: text,
    clause: text,
    actual: text,
    reason: fc.constantFrom('no_match' as const, 'expression_failed' as const),
    missed: fc.integer({ min: 1, max: 9 }),
  })
  .map(sampleMiss);
const links = fc.array(
  fc.record({
    text,
    url: fc.oneof(
      text,
      text.map((path) => `https://x.example/${path}`),
      fc.webUrl({ withQueryParameters: true, withFragments: true }),
    ),
  }),
  { maxLength: 8 },
);

const draft = fc.record({
  name: id,
  file: text,
  text,
  testFile: text,
  testText: text,
  notes: fc.array(text, { maxLength: 12 }),
  warnings: fc.array(text, { maxLength: 12 }),
  trial: fc.option(text),
});
const lesson = fc.record({
  runId: id,
  questionId: id,
  draft: fc.option(draft),
  written: fc.option(text),
  fault: fc.option(text),
});

const escalations: fc.Arbitrary<Escalation> = fc
  .record({
    kind: fc.constantFrom('unmatched', 'approval', 'report', 'lesson'),
    lesson,
    state: fc.constantFrom('open', 'answered', 'withdrawn', 'expired'),
    title: text,
    detail: text,
    labels,
    annotations: labels,
    links,
    misses: fc.array(misses, { maxLength: 12 }),
    choices,
    runId: fc.constantFrom(null, 'run1'),
    by: text,
    label: text,
  })
  .map(({ by, label, ...fields }) => {
    const { answer } = answered('up', 'up', 'run1');
    const given = answer === null ? null : { ...answer, by, label };
    return sampleEscalation({ ...fields, answer: fields.state === 'answered' ? given : null });
  });

const runs: fc.Arbitrary<Run | null> = fc.option(
  fc.record({ detail: text, notes: fc.array(text, { maxLength: 30 }) }).map(({ detail, notes }) => {
    const noted = notes.reduce((run, words) => note(run, words, startMs), sampleRun());
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

test('whatever an alert says, its message keeps the limits of Slack and mentions nobody', () => {
  fc.assert(
    fc.property(escalations, runs, fc.nat(), fc.nat(), (escalation, run, joined, openEpisodes) => {
      const content = renderMessage({ escalation, run, joined, openEpisodes });
      expect(() => readBlocks(content.blocks)).not.toThrow();
      expect(content.text.length).toBeGreaterThan(0);
      expect(Buffer.byteLength(content.text)).toBeLessThan(4_000);
      expect(content.text).not.toMatch(/[<>]|@(?:channel|here|everyone)\b/);
      for (const { type, text } of textsOf(content.blocks)) {
        expect(text).not.toMatch(/\p{Surrogate}/u);
        expect(text).not.toMatch(/<[!@#](?!date\^)|@(?:channel|here|everyone)\b/i);
        if (type !== 'mrkdwn') continue;
        const rest = text.replace(meant, '');
        expect(rest).not.toMatch(/[<>]/);
        expect(rest.replace(/&(?:amp|lt|gt);/g, '')).not.toContain('&');
      }
    }),
    { numRuns: 100 },
  );
}, 30_000);

const helpers = new Set(['why', 'open_runbook', 'deny_with_reason']);

test('a question that is open keeps its buttons however much else there is to say', () => {
  fc.assert(
    fc.property(escalations, (escalation) => {
      const open: Escalation = { ...escalation, state: 'open', answer: null };
      const { blocks } = renderMessage({ escalation: open, run: null, joined: 1, openEpisodes: 1 });
      const buttons = blocks.flatMap((block) => (block.type === 'actions' ? block.elements : []));
      const choices = buttons.filter(({ action_id: id }) => !helpers.has(id));
      expect(choices.length).toBe(Math.min(open.choices?.length ?? 0, 25));
    }),
    { numRuns: 50 },
  );
}, 30_000);

test.each(['x', '"', '&', '👩‍👩‍👧‍👦', 'word '])(
  'a message full to the brim with %j is cut, part by part',
  (unit) => {
    const much = unit.repeat(10_240 / unit.length);
    const labels = Object.fromEntries(
      Array.from({ length: 300 }, (_, index) => [`label_${index}`, much]),
    );
    const outcome = { kind: 'failed', reason: 'rejected', detail: much } as const;
    const misses = Array.from({ length: 12 }, () =>
      sampleMiss({ playbook: much, clause: much, actual: much }),
    );
    const url = `https://x.example/${'y'.repeat(1_500)}`;
    const full = sampleEscalation({
      title: much,
      detail: much,
      labels,
      annotations: labels,
      misses,
      links: [
        { text: much, url },
        { text: much, url },
      ],
      state: 'answered',
      answer: answered('up', much, 'run1').answer,
    });
    const { blocks } = renderMessage({
      escalation: full,
      run: end(note(sampleRun(), much, startMs), outcome, startMs),
      joined: 5_000,
      openEpisodes: 4_999,
    });
    expect(() => readBlocks(blocks)).not.toThrow();
    const said = JSON.stringify(blocks);
    for (const part of ['chose', 'Why it is here', 'Nearest playbooks', 'label_0', 'more labels']) {
      expect(said).toContain(part);
    }
    expect(said).toMatch(/… and \d+ more playbooks/);
    expect(said).toMatch(/… and \d+ more annotations/);
  },
);

test('where there are more buttons than anybody wants, the rest of the message makes room for them', () => {
  const much = 'x'.repeat(10_240);
  const choices = Array.from({ length: 40 }, (_, index) => ({
    id: `choice-${'y'.repeat(40)}-${index}`,
    label: much,
    style: undefined,
    does: { kind: 'acknowledge' as const },
  }));
  const { blocks } = renderMessage({
    escalation: sampleEscalation({
      title: much,
      detail: much,
      labels: { a: much, b: much, c: much, d: much, e: much, f: much },
      annotations: { summary: much, description: much },
      links: [{ text: 'Runbook', url: `https://x.example/${'y'.repeat(1_800)}` }],
      choices,
    }),
    run: null,
    joined: 1,
    openEpisodes: 1,
  });
  expect(() => readBlocks(blocks)).not.toThrow();
  const buttons = blocks.find(({ type }) => type === 'actions');
  expect(buttons?.type === 'actions' ? buttons.elements : []).toHaveLength(25);
  expect(JSON.stringify(blocks)).toContain('Why it is here');
});

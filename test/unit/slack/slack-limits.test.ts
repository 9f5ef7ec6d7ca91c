import fc from 'fast-check';
import { expect, test } from 'vitest';
import { end, note } from '../../../src/engine/run/transitions.js';
import type { Escalation } from '../../../src/ledger/escalation.js';
import { readBlocks } from '../../../src/sim/slack/blocks.js';
import { renderMessage } from '../../../src/slack/message.js';
import { escalations, expectHarmless, runs } from './absurd.js';
import { answered, sampleEscalation, sampleMiss, sampleRun, startMs } from './samples.js';

test('whatever an alert says, its message keeps the limits of Slack and mentions nobody', () => {
  fc.assert(
    fc.property(escalations, runs, fc.nat(), fc.nat(), (escalation, run, joined, openEpisodes) => {
      // whichever label of an alert it is
      const [label = 'severity'] = Object.keys(escalation.labels);
      const severity = { label, order: [] };
      expectHarmless(renderMessage({ escalation, run, joined, openEpisodes, severity }));
    }),
    { numRuns: 40 },
  );
}, 120_000);

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
    { numRuns: 20 },
  );
}, 120_000);

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
    for (const part of ['chose', '*Reason:*', 'label_0', 'more labels']) {
      expect(said).toContain(part);
    }
    expect(said).toMatch(/… and \d+ more annotations/);

    const open = sampleEscalation({ misses, labels: { alertname: much } });
    const asked = renderMessage({ escalation: open, run: null, joined: 1, openEpisodes: 1 });
    expect(() => readBlocks(asked.blocks)).not.toThrow();
    expect(JSON.stringify(asked.blocks)).toMatch(/Nearest playbooks.*… and \d+ more playbooks/);
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
  expect(JSON.stringify(blocks)).toContain('*Reason:*');
});

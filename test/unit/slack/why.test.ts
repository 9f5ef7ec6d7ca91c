import { expect, test } from 'vitest';
import type { Explanation } from '../../../src/engine/explain/explanation.js';
import { readBlocks } from '../../../src/sim/slack/blocks.js';
import { createWhyOf, whyMessage } from '../../../src/slack/why.js';
import { sampleChange } from '../ledger/sample-run.js';
import { sampleEscalation } from './samples.js';

function explanation(word = 'web'): Explanation {
  return {
    labels: { alertname: word },
    annotations: {},
    status: 'firing',
    source: 'alertmanager',
    atMs: 0,
    setHash: '',
    live: true,
    own: null,
    forecasts: [
      {
        playbook: 'scale-up',
        shadow: false,
        fate: 'held',
        reason: 'cooldown',
        detail: word,
        againAtMs: 1,
        runId: null,
        heldBy: [{ reason: 'paused', detail: `paused by ${word}`, liftsAtMs: null }],
        steps: [
          {
            action: 'swarm.scale',
            params: {},
            target: word,
            unit: 'replicas',
            from: 2,
            operations: [sampleChange(2, 3).op, sampleChange(3, 4).op],
            detail: '',
          },
        ],
      },
    ],
    playbooks: [
      {
        playbook: 'drain-queue',
        file: 'a.yaml',
        mode: 'auto',
        continue: false,
        ignore: false,
        clauses: [
          { clause: 'a = "b"', expected: '"b"', actual: '"b"', outcome: 'met' },
          { clause: 'severity = "warning"', expected: '"warning"', actual: word, outcome: 'unmet' },
        ],
        standing: 'misses',
        after: null,
        missed: 1,
        shared: 1,
      } as Explanation['playbooks'][number],
    ],
    total: 12,
    episode: null,
  };
}

test('why it was asked is told clause by clause, with what is in the way', () => {
  const text = JSON.stringify(whyMessage(explanation()).blocks);
  for (const part of [
    '*scale-up* would be deferred: the target is in cooldown after a change (web)',
    'swarm.scale: scale web from 2 to 3 replicas, and one more time while the alert fires, up to 4',
    '✗ a person paused it (paused by web)',
    '✗ *drain-queue* (auto) misses 1 of 2',
    '✓ `a = ',
    'got `web`',
    '… and 11 more (see',
  ]) {
    expect(text).toContain(part);
  }
});

test.each(['<!channel>', '👩‍👩‍👧‍👦', '`*_', '&<>', '\n'])(
  'whatever the alert says (%j), it is a message that Slack takes and that wakes nobody',
  (unit) => {
    const much = explanation(unit.repeat(10_000));
    const many = { ...much, playbooks: Array(60).fill(much.playbooks[0]), total: 60 };
    const { blocks } = whyMessage(many);
    expect(() => readBlocks(blocks)).not.toThrow();
    expect(JSON.stringify(blocks)).not.toContain('<!channel>');
  },
);

test('what is explained is the alert of the escalation, as it fires', async () => {
  const asked: unknown[] = [];
  const stored = { value: sampleEscalation(), rev: 1, joined: 1, openEpisodes: 1 };
  const whyOf = createWhyOf({
    ledger: { escalation: async (id) => (id === 'esc1' ? stored : null) },
    explain: async (question) => {
      asked.push(question);
      return [explanation()];
    },
    clock: { now: () => 5 },
  });
  expect(await whyOf('esc1')).toEqual(explanation());
  const { labels, annotations } = stored.value;
  expect(asked).toMatchObject([
    { alerts: [{ status: 'firing', labels, annotations }], all: false },
  ]);
  expect(await whyOf('gone')).toBeNull();
});

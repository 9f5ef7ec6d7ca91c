import { expect, test } from 'vitest';
import type { Evidence } from '../../../src/ledger/evidence.js';
import { readBlocks } from '../../../src/sim/slack/blocks.js';
import { renderMessage } from '../../../src/slack/message.js';
import { answered, sampleEscalation, startMs } from './samples.js';

const missing = { missing: 'not there' };
const nothing: Evidence = {
  ...{ id: 'esc1', gatheredAtMs: startMs, alertAtMs: startMs, headline: null },
  ...{ metric: missing, changes: missing, tasks: missing },
  ...{ group: missing, lastTime: missing, related: missing },
};
const failure = {
  atMs: 0,
  state: 'failed',
  error: 'task: non-zero exit (3)',
  exitCode: 3,
  node: 'n1',
};
const found: Evidence = {
  ...nothing,
  headline: 'Deployed 12 minutes before the alert: shop:1.4 → shop:1.5',
  metric: {
    expression: 'rate(errors[5m])',
    threshold: { operator: '>', expression: '0.5', value: 0.5 },
    fromMs: startMs,
    stepMs: 45_000,
    series: [{ labels: {}, values: [0, 0.25, 1, 0.75] }],
    found: 1,
    notes: [],
    graphUrl: 'http://prometheus.example/graph?g0.expr=a&g0.tab=0',
  },
  tasks: {
    services: [
      { name: 'web', running: 1, desired: 3, failures: [failure], failed: 4, problems: [] },
    ],
  },
  lastTime: {
    precedents: [
      {
        ...{ id: 'r1', kind: 'run', atMs: startMs, what: 'scale web from 2 to 3 replicas' },
        ...{ by: 'scale-up', result: 'helped', tookMs: 125_000 },
      },
    ],
  },
  related: { alerts: [], total: 7 },
};

function textsOf(evidence: Evidence | null, escalation = sampleEscalation(), consoleUrl?: string) {
  const input = { escalation, joined: 1, openEpisodes: 1, run: null, evidence, consoleUrl };
  const { blocks } = renderMessage(input);
  readBlocks(blocks);
  return blocks.flatMap((block) => ('text' in block ? block.text.text : []));
}

test('what changed comes first, then the metric, the tasks, last time and what else fires', () => {
  expect(textsOf(found)[1]?.split('\n')).toEqual([
    '*Deployed 12 minutes before the alert: shop:1.4 → shop:1.5*',
    '`rate(errors[5m])` ▁▃█▇ first 0, lowest 0, highest 1, current 0.75, alert if &gt; 0.5' +
      ' · <http://prometheus.example/graph?g0.expr=a&amp;g0.tab=0|plot>',
    'web: 1 of 3 tasks running, 4 failed, last with exit code 3: task: non-zero exit (3)',
    expect.stringMatching(
      /^\*Last time\* \(<!date.*>\): scale web from 2 to 3 replicas, by scale-up: helped after 2 min 5 s$/,
    ),
    '7 related alerts fire',
  ]);
  expect(textsOf(found, sampleEscalation(), 'https://jidoka.example')[1]).toContain(
    '<https://jidoka.example/escalations/esc1#evidence|plot>',
  );
});

test('what is missing takes no room, and a question that is closed shows no evidence', () => {
  const bare = textsOf(null);
  expect(textsOf(nothing)).toEqual(bare);
  expect(textsOf(found, answered('ack', 'Acknowledge', null))).toEqual(
    textsOf(null, answered('ack', 'Acknowledge', null)),
  );
});

test('whatever evidence says, the message keeps to the limits of Slack and calls no one', () => {
  const loud = '<!channel> @here '.repeat(2_000);
  const text = textsOf({ ...found, headline: loud })[1] ?? '';
  expect(text.length).toBeLessThan(3_000);
  expect(text).not.toContain('<!channel>');
});

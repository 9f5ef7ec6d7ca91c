import { describe, expect, test } from 'vitest';
import { createOfflineRegistry } from '../../../../src/integrations/offline-registry.js';
import { createLibrary } from '../../../../src/playbook/library.js';
import { parsePlaybookTexts } from '../../../../src/playbook/load.js';
import { type Backtest, createBacktest } from '../../../../src/simulation/backtest/backtest.js';
import { createComparison } from '../../../../src/simulation/backtest/compare.js';
import type { Outcome } from '../../../../src/simulation/backtest/outcome.js';
import {
  type Delivered,
  episodeOf,
  historyStartMs,
  linesOf,
  receivedOf,
} from '../../../support/history.js';

const playbook = (name: string, mode: string, rest = 'guards: { cooldown: 0 }') => `
name: ${name}
summary: Adds a replica.
match: alertname = "Slow"
mode: ${mode}
steps:
  - swarm.scale: { service: "\${{ labels.service }}", by: 1 }
    settle: 2m
${rest}
`;
const slow = (service: string) => ({ alertname: 'Slow', service });

const jobs = `
jobs:
  clean:
    image: alpine:3.22
    command: [/clean]
    time_limit: 5m
    inputs: { node: { type: node } }
`;

function load(texts: readonly string[], policy = '') {
  const files = texts.map((text, index) => ({ file: `${index}.yaml`, text }));
  const loaded = parsePlaybookTexts(
    {
      files,
      policy: { file: 'policy.yaml', text: policy },
      jobs: { file: 'jobs.yaml', text: jobs, scripts: [] },
    },
    createOfflineRegistry(),
  );
  expect(loaded.problems).toEqual([]);
  return { library: createLibrary(loaded.playbooks), policy: loaded.policy, hash: loaded.hash };
}

interface Given {
  readonly playbooks?: readonly string[];
  readonly policy?: string;
  readonly bounds?: { readonly min: number; readonly max: number } | null;
  readonly approve?: boolean;
  readonly onOutcome?: (outcome: Outcome) => void;
}

function start({ playbooks = [playbook('up', 'auto')], policy, bounds, ...given }: Given) {
  const range = bounds === undefined ? { min: 1, max: 10 } : bounds;
  return createBacktest({
    active: load(playbooks, policy),
    workerAsg: '',
    assumptions: { size: 3, bounds: range, convergeMs: 0 },
    approve: false,
    startMs: historyStartMs,
    ...given,
  });
}

async function play(backtest: Backtest, ...episodes: (readonly Delivered[])[]) {
  for (const received of receivedOf(linesOf(...episodes))) await backtest.take(received);
  return backtest.end();
}

const replay = (given: Given, ...episodes: (readonly Delivered[])[]) =>
  play(start(given), ...episodes);

describe('a back-test', () => {
  test('says what was acted on, how its run ended and what it changed', async () => {
    const tally = await replay({}, episodeOf(slow('web'), 0, 1), episodeOf(slow('db'), 60, 61));
    expect(tally).toMatchObject({ alerts: 2, fates: { acted: 2 }, changes: 2, messages: 0 });
    expect(tally.playbooks).toMatchObject([
      {
        name: 'up',
        mode: 'auto',
        alerts: 2,
        runs: 2,
        asked: 0,
        changes: 2,
        ended: { resolved: 2 },
      },
    ]);
    expect(tally.targets).toMatchObject([
      { name: 'db', changes: 1, least: 3, most: 4, first: [{ change: '3 -> 4' }] },
      { name: 'web', changes: 1, least: 3, most: 4 },
    ]);
  });

  test.each([
    'node.drain: { node: "${{ labels.node }}" }',
    'swarm.job: { job: clean, with: { node: "${{ labels.node }}" } }',
  ])('finds the node that an alert names, as it finds services: %s', async (step) => {
    const onNode = `
name: on-node
summary: Acts on a node.
match: alertname = "NodeSick"
mode: auto
steps:
  - ${step}
`;
    const tally = await replay(
      { playbooks: [onNode] },
      episodeOf({ alertname: 'NodeSick', node: 'node-3' }, 0, 10),
    );
    expect(tally).toMatchObject({ fates: { acted: 1 }, changes: 1 });
  });

  test('says who would have been told, and of what', async () => {
    const unknown = { alertname: 'Unknown' };
    const tally = await replay({}, episodeOf(unknown, 0, 20), episodeOf(slow('web'), 0, 20));
    expect(tally).toMatchObject({
      fates: { acted: 1, escalated: 1 },
      unmatched: { no_match: 1 },
      messages: 2,
      reached: [
        { alertname: 'Unknown', messages: 1, reasons: { no_match: 1 } },
        { alertname: 'Slow', messages: 1, reasons: { exhausted: 1 } },
      ],
    });
  });

  test('says what was held back, and by what', async () => {
    const playbooks = [playbook('up', 'auto', 'guards: { cooldown: 1h }')];
    const tally = await replay(
      { playbooks },
      episodeOf(slow('web'), 0, 3),
      episodeOf(slow('web'), 10, 13),
    );
    expect(tally).toMatchObject({ fates: { acted: 1, held: 1 } });
    expect(tally.playbooks[0]).toMatchObject({ alerts: 2, runs: 1, held: { cooldown: 1 } });
  });

  test('finds the most targets that were changed within the span of the blast radius', async () => {
    const services = ['a', 'b', 'c', 'd'];
    const tally = await replay(
      {},
      ...services.map((name, index) => episodeOf(slow(name), index, index + 2)),
      episodeOf(slow('e'), 60, 62),
    );
    expect(tally.spread).toMatchObject({
      targets: 4,
      fromMs: historyStartMs,
      toMs: historyStartMs + 3 * 60_000,
      names: services.map((name) => `swarm.service/${name}`),
    });
  });

  test('lets a person reset a blast radius that tripped, after an hour', async () => {
    const policy = 'blast_radius: { targets: 1 per 10m }';
    const tally = await replay(
      { policy },
      episodeOf(slow('a'), 0, 30),
      episodeOf(slow('b'), 1, 30),
      episodeOf(slow('c'), 50, 55),
      episodeOf(slow('d'), 90, 95),
    );
    expect(tally.trips).toEqual({ blast_radius: 1 });
    expect(tally.fates).toMatchObject({ acted: 2, held: 2 });
  });

  test('has what the blast radius held go on after the reset', async () => {
    const policy = 'blast_radius: { targets: 1 per 10m }';
    const tally = await replay({ policy }, episodeOf(slow('a'), 0, 1), episodeOf(slow('b'), 2, 90));
    expect(tally.fates).toMatchObject({ acted: 2 });
    const [, b] = tally.targets;
    const resetMs = historyStartMs + 62 * 60_000;
    expect(b?.first[0]?.atMs).toBeGreaterThanOrEqual(resetMs);
    expect(b?.first[0]?.atMs).toBeLessThanOrEqual(resetMs + 30_000);
  });

  test('counts what goes on at the end of the record as it stands', async () => {
    const lines = linesOf(episodeOf(slow('web'), 0, 30)).slice(0, 1);
    const backtest = start({});
    for (const received of receivedOf(lines)) await backtest.take(received);
    const tally = await backtest.end();
    expect(tally.fates).toMatchObject({ acted: 1 });
    expect(tally.playbooks[0]).toMatchObject({ ended: { 'still going on': 1 } });
  });

  test('holds no more than what goes on', async () => {
    const backtest = start({});
    const episodes = Array.from({ length: 200 }, (_, index) =>
      episodeOf(slow(`s${index % 10}`), index * 30, index * 30 + 2),
    );
    let most = 0;
    for (const received of receivedOf(linesOf(...episodes))) {
      await backtest.take(received);
      most = Math.max(most, backtest.size);
    }
    expect(most).toBeLessThanOrEqual(2);
  });
});

describe('assumptions', () => {
  test('nobody answers a question, unless told', async () => {
    const playbooks = [playbook('up', 'approve')];
    const silent = await replay({ playbooks }, episodeOf(slow('web'), 0, 90));
    expect(silent).toMatchObject({ fates: { asked: 1 }, changes: 0 });
    expect(silent.playbooks[0]).toMatchObject({ runs: 1, asked: 1, ended: { expired: 1 } });
    const approved = await replay({ playbooks, approve: true }, episodeOf(slow('web'), 0, 6));
    expect(approved).toMatchObject({ fates: { acted: 1 }, changes: 1 });
    expect(approved.playbooks[0]).toMatchObject({ asked: 1, ended: { resolved: 1 } });
  });

  test('services may give no bounds, and a person is asked then', async () => {
    const tally = await replay({ bounds: null }, episodeOf(slow('web'), 0, 10));
    expect(tally).toMatchObject({ fates: { escalated: 1 }, changes: 0 });
    expect(tally.playbooks[0]).toMatchObject({ escalated: { no_bounds: 1 } });
  });

  test('services stay within their bounds', async () => {
    const tally = await replay(
      { bounds: { min: 1, max: 4 } },
      episodeOf(slow('web'), 0, 5),
      episodeOf(slow('web'), 60, 65),
    );
    expect(tally).toMatchObject({ changes: 1, targets: [{ most: 4 }] });
  });
});

describe('a comparison of two sets', () => {
  test('says alert by alert what one makes of it and what the other', async () => {
    const comparison = createComparison();
    const before = start({ onOutcome: (outcome) => comparison.tell('before', outcome) });
    const after = start({
      playbooks: [playbook('up', 'shadow')],
      onOutcome: (outcome) => comparison.tell('after', outcome),
    });
    const record = [
      episodeOf({ alertname: 'Unknown' }, 0, 5),
      episodeOf(slow('web'), 0, 1),
      episodeOf(slow('db'), 10, 11),
    ];
    for (const received of receivedOf(linesOf(...record))) {
      for (const set of [before, after]) await set.take(received);
    }
    for (const set of [before, after]) await set.end();
    expect(comparison.result()).toEqual({
      same: 1,
      differences: [
        {
          before: 'up: acted (resolved)',
          after: 'to a person (no_match); up: would match (shadow)',
          alerts: 2,
          examples: [
            { labels: slow('web'), openedAtMs: historyStartMs },
            { labels: slow('db'), openedAtMs: historyStartMs + 600_000 },
          ],
        },
      ],
      onlyBefore: 0,
      onlyAfter: 0,
    });
  });
});

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { remindAt } from '../../src/engine/people/reminder.js';
import { handOver } from '../../src/escalation/choices.js';
import type { SlackMessage } from '../../src/sim/slack/workspace.js';
import { createSlackSim, type SlackSim } from '../../src/sim/slack.js';
import { createSlack } from '../../src/slack/client.js';
import { createMessenger } from '../../src/slack/messenger.js';
import { slackScopes } from '../../src/slack/scopes.js';
import { type Bench, scaleUp, startBench } from '../support/engine.js';
import { choicesIn } from '../support/slack.js';

/* From a notification to what people see of it: the engine, a real Redis and the strict Slack. */

const second = 1_000;
const minute = 60 * second;
const slow = { alertname: 'Slow', service: 'web' };
const asking = scaleUp.replace('mode: auto', 'mode: approve');
const tiers = `
escalate:
  channel: "#ops"
  then:
    - { after: 10m, channel: "#leads", mention: [S0123] }
    - { after: 15m, channel: "#board" }
`;

let bench: Bench;
let sim: SlackSim;
const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function begin(playbooks: readonly string[], policy = 'escalate: { channel: "#ops" }') {
  bench = await startBench({ playbooks, policy });
  undo.push(() => bench.stop());
  const botToken = 'xoxb-test';
  sim = createSlackSim({
    botToken,
    scopes: slackScopes.map(({ scope }) => scope),
    signingSecret: 'secret',
    channels: ['ops', 'leads', 'board'].map((name, index) => ({ id: `C${index}`, name })),
    clock: bench.clock,
    rateLimit: true,
  });
  await sim.start();
  undo.push(() => sim.stop());
  bench.targets.add('web', 2);
}

/** Lets time pass: the engine and the messenger do what falls due, in its order. */
async function pass(ms: number): Promise<void> {
  const { ledger, clock, engine } = bench;
  const messenger = createMessenger({
    ...bench.context(),
    slack: createSlack({ botToken: 'xoxb-test', apiUrl: sim.apiUrl(), timeoutMs: 5_000 }),
    suggest: async () => ({ choices: handOver, note: null }),
    remindAt: (escalation) => remindAt(bench.context(), escalation, bench.clock.now()),
    defaultChannel: '#ops',
  });
  const untilMs = clock.now() + ms;
  let last = '';
  for (let [next] = await ledger.due(untilMs, 1); next; [next] = await ledger.due(untilMs, 1)) {
    clock.advance(Math.max(0, next.atMs - clock.now()));
    if (JSON.stringify(next) === last) clock.advance(second);
    last = JSON.stringify(next);
    await (/^(message|thread):/.test(next.item) ? messenger : engine).look(next.item);
  }
  clock.advance(Math.max(0, untilMs - clock.now()));
}

const roots = (channel = 'ops') =>
  sim.messages(channel).filter(({ threadTs }) => threadTs === undefined);
const replies = (channel = 'ops') =>
  sim.messages(channel).filter(({ threadTs }) => threadTs !== undefined);
const texts = (messages: readonly SlackMessage[]) => messages.map(({ text }) => text);
const said = (message: SlackMessage | undefined) => JSON.stringify(message?.blocks);

test('a storm is one message with a count', async () => {
  await begin([scaleUp]);
  const alerts = Array.from({ length: 40 }, (_, index) => ({
    labels: { alertname: 'Down', service: `s${index}` },
  }));
  await bench.take(alerts);
  await pass(2 * minute);
  expect(texts(roots())).toEqual([
    expect.stringMatching(/^40 need attention: Down: s\d+ and others$/),
  ]);
  expect(said(roots()[0])).toContain('40 alerts firing · 40 of 40 questions open');
  expect(replies()).toHaveLength(20);

  await bench.take(alerts.map((alert) => ({ ...alert, resolved: true })));
  await pass(2 * minute);
  expect(roots()).toHaveLength(1);
  expect(said(roots()[0])).toContain('0 alerts firing · 0 of 40 questions open');
  for (const message of sim.messages('ops')) expect(choicesIn(message)).toEqual([]);
});

describe('an approval', () => {
  beforeEach(() => begin([asking]));

  test('is void when the plan has outgrown it: the old message says so, the new one what changed', async () => {
    await bench.take([{ labels: slow }]);
    await pass(minute);
    const [question] = await bench.escalations();
    bench.targets.setSize('web', 5);
    await bench.answer(question?.value.id ?? '', 'approve');
    await pass(minute);
    expect(bench.targets.effects).toEqual([]);
    const [first, ...later] = replies();
    expect(first?.text).toBe('Void, asked again: Slow: web');
    expect(choicesIn(first)).toEqual([]);
    const anew = later.find(({ text }) => text === 'Approval required: Slow: web');
    expect(choicesIn(anew)).toEqual(['approve', 'deny']);
    expect(anew?.broadcast).toBe(true);
    expect(said(anew)).toMatch(
      /scale web from 5 to 6 replicas.*scale web from 2 to 3 replicas. That approval is void/,
    );
    expect(texts(later)).toContain(
      'That answer is void: the target changed before Jidoka acted on it. Jidoka asks again with the current plan.',
    );
    expect(roots()).toHaveLength(1);
  });

  test('is withdrawn when the alert resolves, and its message says so', async () => {
    await bench.take([{ labels: slow }]);
    await pass(minute);
    await bench.take([{ labels: slow, resolved: true }]);
    await pass(minute);
    expect(texts(replies())).toEqual(['Self-resolved: Slow: web (the alert has resolved)']);
    expect(choicesIn(replies()[0])).toEqual([]);
  });

  test('that expires leaves a report in the same thread, shown in the channel', async () => {
    await bench.take([{ labels: slow }]);
    await pass(62 * minute);
    expect(roots()).toHaveLength(1);
    expect(texts(replies())).toContain('Expired: Slow: web');
    const report = replies().find(({ text }) => text === 'Needs attention: Slow: web');
    expect(report?.broadcast).toBe(true);
  });
});

describe('a question that nobody answers', () => {
  test('is reminded of once, after half of its time', async () => {
    await begin([asking]);
    await bench.take([{ labels: slow }]);
    await pass(29 * minute);
    expect(texts(replies())).toHaveLength(1);
    await pass(2 * minute);
    expect(texts(replies()).at(-1)).toBe('Still no answer: *Slow: web*.');
    await pass(20 * minute);
    expect(texts(replies())).toHaveLength(2);
    expect(await bench.audited('escalation')).toMatchObject([
      { event: 'opened' },
      { event: 'reminded' },
    ]);
  });

  test('is passed on from tier to tier, each with its buttons', async () => {
    await begin([], tiers);
    await bench.take([{ labels: slow }]);
    await pass(9 * minute);
    expect(roots('leads')).toEqual([]);
    await pass(2 * minute);
    expect(said(roots('leads')[0])).toContain('<!subteam^S0123>');
    expect(choicesIn(roots('leads')[0])).toEqual(['ack', 'dismiss']);
    await pass(13 * minute);
    expect(roots('board')).toEqual([]);
    await pass(2 * minute);
    expect(texts(roots('board'))).toEqual(['Needs attention: Slow: web']);
    expect(roots('leads')).toHaveLength(1);
    expect(await bench.audited('escalation')).toMatchObject([
      { event: 'opened' },
      { event: 'passed_on', detail: '#leads S0123' },
      { event: 'passed_on', detail: '#board' },
    ]);

    const [question] = await bench.escalations();
    await bench.answer(question?.value.id ?? '', 'ack');
    await pass(minute);
    for (const channel of ['ops', 'leads', 'board']) {
      expect(texts(roots(channel))).toEqual(['Acknowledged: Slow: web']);
      expect(choicesIn(roots(channel)[0])).toEqual([]);
    }
  });

  test('is not passed on once somebody has acknowledged it', async () => {
    await begin([], tiers);
    await bench.take([{ labels: slow }]);
    await pass(minute);
    const [question] = await bench.escalations();
    await bench.answer(question?.value.id ?? '', 'ack');
    await pass(60 * minute);
    expect(roots('leads')).toEqual([]);
    expect(texts(replies())).toEqual(['*ada* chose *Acknowledge* for *Slow: web*.']);
  });

  test('goes to the tiers of its playbook, where that has its own', async () => {
    await begin([`${asking}escalate: { then: [{ after: 5m, channel: "#board" }] }\n`], tiers);
    await bench.take([{ labels: slow }]);
    await pass(12 * minute);
    expect(choicesIn(roots('board')[0])).toEqual(['approve', 'deny']);
    expect(roots('leads')).toEqual([]);
  });
});

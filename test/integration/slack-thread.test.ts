import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Choice, Escalation } from '../../src/ledger/escalation.js';
import type { SlackMessage } from '../../src/sim/slack/workspace.js';
import type { Slack } from '../../src/slack/client.js';
import { SlackError } from '../../src/slack/error.js';
import { choicesIn, type SlackBench, startSlackBench } from '../support/slack.js';

/* One message an Alertmanager group: what is open in it, and what happened, stands in its thread. */

let bench: SlackBench;
beforeEach(async () => {
  bench = await startSlackBench();
});
afterEach(() => bench.stop());

const second = 1_000;
const minute = 60 * second;
const choices: Choice[] = [
  { id: 'approve', label: 'Approve', style: 'primary', does: { kind: 'approve' } },
  { id: 'deny', label: 'Deny', style: 'danger', does: { kind: 'deny' } },
];
const approval = { kind: 'approval', reason: 'approval', choices, misses: [] } as const;

const inGroup = (differences: Partial<Escalation> = {}) =>
  bench.open({ group: 'g', ...differences });
const saidBy = (message: SlackMessage | undefined) => JSON.stringify(message?.blocks);

describe('the message of a group', () => {
  test('is the question itself, complete, while there is only one', async () => {
    await inGroup();
    await bench.pass(10 * second);
    expect(bench.roots()).toHaveLength(1);
    expect(choicesIn(bench.roots()[0])).toEqual(['up', 'ack', 'dismiss']);
    expect(bench.replies()).toEqual([]);
  });

  test('links to the console from the channel and from the thread', async () => {
    const consoleUrl = 'https://jidoka.example';
    const { bringUpToDate } = bench.messenger({ consoleUrl });
    const id = await inGroup({ ...approval, runId: 'run1' });
    await bringUpToDate(id);
    bench.clock.advance(10 * second);
    await bringUpToDate(id);
    for (const message of [bench.roots()[0], bench.replies()[0]]) {
      expect(saidBy(message)).toContain(`<${consoleUrl}/escalations/${id}|escalation ${id}>`);
      expect(saidBy(message)).toContain(`<${consoleUrl}/runs/run1|run run1>`);
    }
  });

  test('counts and names several questions, and each has its buttons in the thread', async () => {
    const first = await inGroup({ title: 'QueueFull: orders' });
    await bench.pass(10 * second);
    const other = await inGroup({ title: 'QueueFull: mails' });
    await bench.pass(20 * second);
    const [root, ...others] = bench.roots();
    expect(others).toEqual([]);
    expect(root?.text).toBe('2 need attention: QueueFull: orders and others');
    expect(saidBy(root)).toMatch(/2 alerts firing · 2 of 2 questions open.*\*QueueFull: mails\*/);
    expect(choicesIn(root)).toEqual([]);
    const texts = bench.replies().map(({ text }) => text);
    expect(texts.sort()).toEqual([
      'Needs attention: QueueFull: mails',
      'Needs attention: QueueFull: orders',
    ]);
    for (const reply of bench.replies()) expect(choicesIn(reply)).toContain('ack');
    expect(await bench.dueAtMs(first)).toBeNull();
    expect(await bench.dueAtMs(other)).toBeNull();
  });

  test('is the last open question again when the others were answered', async () => {
    const first = await inGroup({ title: 'QueueFull: orders' });
    await inGroup({ title: 'QueueFull: mails' });
    await bench.pass(20 * second);
    await bench.answer(first, 'ack');
    await bench.pass(20 * second);
    const [root] = bench.roots();
    expect(root?.text).toBe('Needs attention: QueueFull: mails');
    expect(saidBy(root)).toContain('1 of 2 questions open');
    expect(choicesIn(root)).toEqual(['up', 'ack', 'dismiss']);
    const answered = bench.replies().find(({ text }) => text === 'Acknowledged: QueueFull: orders');
    expect(choicesIn(answered)).toEqual([]);
  });

  test('is one for a storm of 300 questions, with a count and at most 20 replies that are open', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 300; index += 1) {
      ids.push(await inGroup({ title: `QueueFull: q${String(index).padStart(3, '0')}` }));
      bench.clock.advance(1);
    }
    await bench.pass(3 * minute);
    expect(bench.roots()).toHaveLength(1);
    expect(bench.roots()[0]?.text).toBe('300 need attention: QueueFull: q000 and others');
    expect(saidBy(bench.roots()[0])).toContain('300 alerts firing · 300 of 300 questions open');
    expect(saidBy(bench.roots()[0])).toContain('… and 290 more');
    expect(bench.replies()).toHaveLength(20);
    expect(bench.sim.calls.length).toBeLessThan(40);
    // nothing ran into the limit of the channel
    expect(await bench.count('failed')).toBe(0);
    for (const id of ids) expect(await bench.dueAtMs(id)).toBeNull();

    for (const id of ids.slice(0, 3)) await bench.answer(id, 'dismiss');
    await bench.pass(2 * minute);
    const questions = bench.replies().filter(({ text }) => text.startsWith('Needs attention'));
    expect(questions).toHaveLength(20);
    expect(questions.map(({ text }) => text)).toContain('Needs attention: QueueFull: q022');
    expect(bench.roots()[0]?.text).toBe('297 need attention: QueueFull: q003 and others');
  }, 60_000);

  test('is another one for another group, and for what comes in none', async () => {
    await inGroup();
    await bench.open({ group: 'other' });
    await bench.open();
    await bench.open();
    await bench.pass(20 * second);
    expect(bench.roots()).toHaveLength(4);
    expect(bench.sim.messages('alerts')).toHaveLength(4);
  });

  test('takes the next question for a quarter of an hour after the last, and shows it in the channel', async () => {
    const first = await inGroup();
    await bench.pass(10 * second);
    await bench.answer(first, 'ack');
    await bench.pass(14 * minute);
    const next = await inGroup({ title: 'QueueFull: again' });
    await bench.pass(10 * second);
    expect(bench.roots()).toHaveLength(1);
    expect(bench.replies().at(-1)).toMatchObject({
      broadcast: true,
      text: 'Needs attention: QueueFull: again',
    });
    await bench.answer(next, 'ack');
    await bench.pass(16 * minute);
    await inGroup();
    await bench.pass(10 * second);
    expect(bench.roots()).toHaveLength(2);
  });

  test('that was silent for a while shows the next question in the channel', async () => {
    await inGroup();
    await bench.pass(minute);
    await inGroup({ title: 'QueueFull: mails' });
    await bench.pass(20 * minute);
    await inGroup({ title: 'QueueFull: late' });
    await bench.pass(minute);
    const seen = bench.replies().filter(({ broadcast }) => broadcast);
    expect(seen.map(({ text }) => text)).toEqual(['Needs attention: QueueFull: late']);
  });

  test('is posted anew when somebody deleted it while a question is open', async () => {
    await inGroup();
    await bench.pass(10 * second);
    bench.sim.remove('alerts', bench.roots()[0]?.ts ?? '');
    const next = await inGroup({ title: 'QueueFull: mails' });
    await bench.pass(30 * second);
    expect(bench.roots()).toHaveLength(1);
    expect(bench.replies()).toHaveLength(2);
    expect((await bench.read(next)).posted?.ts).toBe(
      bench.replies().find(({ text }) => text.includes('mails'))?.ts,
    );
  });
});

test('a plan whose thread somebody deleted is posted anew in the new one, with its buttons', async () => {
  const id = await inGroup(approval);
  await bench.pass(10 * second);
  bench.sim.remove('alerts', bench.roots()[0]?.ts ?? '');
  await bench.change(id, (current) => ({ ...current, title: 'QueueFull: changed' }));
  await bench.pass(30 * second);
  expect(bench.roots()).toHaveLength(1);
  expect(bench.replies().map(choicesIn)).toEqual([['approve', 'deny']]);
  expect((await bench.read(id)).posted?.ts).toBe(bench.replies()[0]?.ts);
});

describe('an approval', () => {
  test('has a message of its own in the thread, which the channel sees too', async () => {
    const id = await inGroup(approval);
    await bench.pass(10 * second);
    const [root] = bench.roots();
    expect(root?.text).toBe('Approval required: QueueFull: orders');
    expect(choicesIn(root)).toEqual([]);
    expect(saidBy(root)).toContain('Answer it in the thread');
    expect(bench.replies()).toHaveLength(1);
    expect(bench.replies()[0]?.broadcast).toBe(true);
    expect(choicesIn(bench.replies()[0])).toEqual(['approve', 'deny']);
    expect((await bench.read(id)).posted?.ts).toBe(bench.replies()[0]?.ts);
  });

  test('is shown at once though more questions of its group wait than are shown', async () => {
    for (let index = 0; index < 25; index += 1) await inGroup({ title: `QueueFull: q${index}` });
    await bench.pass(minute);
    expect(bench.replies()).toHaveLength(20);
    bench.clock.advance(minute);
    const id = await inGroup({ ...approval, title: 'QueueFull: plan' });
    await bench.pass(minute);
    const { posted } = await bench.read(id);
    const plan = bench.replies().find(({ ts }) => ts === posted?.ts);
    expect(choicesIn(plan)).toEqual(['approve', 'deny']);
    expect(bench.roots()[0]?.text).toBe('26 need attention: QueueFull: plan and others');
  });

  test('of a command, which comes in no group, is one message with its buttons', async () => {
    await bench.open(approval);
    await bench.pass(10 * second);
    expect(bench.sim.messages('alerts')).toHaveLength(1);
    expect(choicesIn(bench.roots()[0])).toEqual(['approve', 'deny']);
  });

  test('that is withdrawn says so, and its buttons go', async () => {
    const id = await inGroup(approval);
    await bench.pass(10 * second);
    await bench.change(id, (current) => ({
      ...current,
      state: 'withdrawn',
      endedAtMs: bench.clock.now(),
    }));
    await bench.pass(10 * second);
    expect(bench.replies()).toHaveLength(1);
    for (const message of [bench.roots()[0], bench.replies()[0]]) {
      expect(message?.text).toBe('Self-resolved: QueueFull: orders');
      expect(choicesIn(message)).toEqual([]);
    }
  });
});

describe('the thread', () => {
  test('tells who answered what and how the run ended, once each', async () => {
    const id = await inGroup();
    await bench.pass(10 * second);
    await bench.answer(id, 'up');
    await bench.pass(10 * second);
    await bench.endRun(id);
    await bench.pass(10 * second);
    await bench.change(id, (current) => ({ ...current, detail: 'something else' }));
    await bench.pass(10 * second);
    expect(bench.replies().map(({ text }) => text)).toEqual([
      '*Ada* chose *Scale orders 2 → 3* for *QueueFull: orders*.',
      '*QueueFull: orders*: Done: the alerts resolved.',
    ]);
    expect(bench.replies().every(({ broadcast }) => !broadcast)).toBe(true);
  });
});

describe('the buttons of a decided question', () => {
  const methods = () => [...bench.sim.calls];

  test('go before the thread tells of the decision, without any time passing', async () => {
    const id = await inGroup();
    await bench.pass(10 * second);
    const before = bench.sim.calls.length;
    await bench.answer(id, 'ack');
    await bench.messenger().look(`message:${id}`);
    expect(methods().slice(before)).toEqual(['chat.update']);
    expect(choicesIn(bench.roots()[0])).toEqual([]);
    await bench.pass(10 * second);
    expect(methods().slice(before)).toEqual(['chat.update', 'chat.postMessage']);
  });

  test('go before the thread tells that the question was withdrawn', async () => {
    const id = await inGroup();
    await bench.pass(10 * second);
    const endedAtMs = bench.clock.now();
    await bench.change(id, (current) => ({ ...current, state: 'withdrawn', endedAtMs }));
    await bench.messenger().look(`message:${id}`);
    expect(choicesIn(bench.roots()[0])).toEqual([]);
  });

  test.each([
    ['in the message of its thread', {}],
    ['in a message of its own', { kind: 'approval' } as const],
  ])('%s go at once, ahead of the messages that wait for the channel', async (_, kind) => {
    const id = await inGroup(kind);
    await bench.pass(10 * second);
    for (let index = 0; index < 10; index += 1) await bench.open({ group: `other ${index}` });
    // each of them takes its place in the channel's queue
    for (const { item } of await bench.owed(bench.clock.now())) await bench.messenger().look(item);
    await bench.answer(id, 'ack');
    await bench.messenger().look(`message:${id}`);
    for (const message of [bench.roots()[0], ...bench.replies().slice(0, 1)]) {
      expect(choicesIn(message)).toEqual([]);
    }
  });
});

describe('a question that nobody answers', () => {
  test('is reminded of once, in the thread and in the channel', async () => {
    const id = await inGroup();
    await bench.pass(minute);
    const other = await inGroup({ title: 'QueueFull: mails' });
    await bench.pass(minute);
    const before = bench.replies().length;
    for (const each of [id, other]) {
      const remindedAtMs = bench.clock.now();
      await bench.change(each, (current) => ({ ...current, remindedAtMs }));
    }
    await bench.pass(minute);
    const [reminder, ...others] = bench.replies().slice(before);
    expect(others).toEqual([]);
    expect(reminder).toMatchObject({
      broadcast: true,
      text: 'Still no answer: *QueueFull: orders* and 1 more.',
    });
  });

  test('is shown to the next tier with its buttons, which go when somebody answers', async () => {
    const id = await inGroup(approval);
    await bench.pass(minute);
    const passedOn = [{ atMs: bench.clock.now(), channel: '#leads', mention: ['S0123', 'U0123'] }];
    await bench.change(id, (current) => ({ ...current, passedOn }));
    await bench.pass(minute);
    const [told, ...others] = bench.roots('leads');
    expect(others).toEqual([]);
    expect(saidBy(told)).toContain('<!subteam^S0123> <@U0123>');
    expect(saidBy(told)).toContain('No answer in #alerts.');
    expect(choicesIn(told)).toEqual(['approve', 'deny']);
    expect(bench.replies().at(-1)?.text).toBe(
      'No answer yet about *QueueFull: orders*: escalated to #leads.',
    );
    await bench.change(id, (current) => ({
      ...current,
      state: 'answered',
      answer: { choiceId: 'deny', label: 'Deny', by: 'Ada', atMs: bench.clock.now(), runId: null },
    }));
    await bench.pass(minute);
    expect(choicesIn(bench.roots('leads')[0])).toEqual([]);
    expect(bench.roots('leads')[0]?.text).toBe('Denied: QueueFull: orders');
  });

  test('is shown to the next tier together with the others of its group, with the way to their thread', async () => {
    const ids = [await inGroup(), await inGroup({ title: 'QueueFull: mails' })];
    await bench.pass(minute);
    const passedOn = [{ atMs: bench.clock.now(), channel: '#leads', mention: [] }];
    for (const id of ids) await bench.change(id, (current) => ({ ...current, passedOn }));
    await bench.pass(minute);
    expect(bench.roots('leads')).toHaveLength(1);
    expect(saidBy(bench.roots('leads')[0])).toMatch(
      /<https:\/\/simulated\.slack\.com\/archives\/C1\/p\d+\|in their thread>/,
    );
  });

  test('that is passed on long after another one of its group calls the tier anew', async () => {
    const pass = async (id: string) => {
      const passedOn = [{ atMs: bench.clock.now(), channel: '#leads', mention: ['S0123'] }];
      await bench.change(id, (current) => ({ ...current, passedOn }));
      await bench.pass(minute);
    };
    await pass(await inGroup());
    const later = await inGroup({ title: 'QueueFull: mails' });
    await bench.pass(20 * minute);
    await pass(later);
    expect(bench.roots('leads')).toHaveLength(2);
    expect(bench.roots('leads')[0]?.text).toBe('Continued in a newer message below.');
    expect(saidBy(bench.roots('leads')[1])).toContain('<!subteam^S0123>');
    expect(await bench.dueAtMs(later)).toBeNull();
  });

  test('calls people where it was asked if the channel of the tier cannot be posted to', async () => {
    const id = await inGroup();
    await bench.pass(minute);
    const passedOn = [{ atMs: bench.clock.now(), channel: '#nowhere', mention: ['S0123'] }];
    await bench.change(id, (current) => ({ ...current, passedOn }));
    await bench.pass(minute);
    const told = bench.roots().at(-1);
    expect(bench.roots()).toHaveLength(2);
    expect(saidBy(told)).toContain('<!subteam^S0123>');
    expect(saidBy(told)).toContain('Meant for #nowhere, which Slack refused (channel_not_found).');
    expect(await bench.dueAtMs(id)).toBeNull();
  });

  test('is passed on, and reminded of, where its own channel was refused too', async () => {
    const id = await inGroup({ channel: '#gone' });
    await bench.pass(minute);
    expect(saidBy(bench.roots()[0])).toContain('Meant for #gone, which Slack refused');
    const atMs = bench.clock.now();
    const passedOn = [
      { atMs, channel: '#nowhere', mention: ['S0123'] },
      { atMs, channel: undefined, mention: ['S0456'] },
    ];
    await bench.change(id, (current) => ({ ...current, passedOn, remindedAtMs: atMs }));
    await bench.pass(minute);
    const said = bench.roots().map(saidBy).join();
    expect(said).toContain('<!subteam^S0123>');
    expect(said).toContain('<!subteam^S0456>');
    expect(said).toContain('No answer in #alerts.');
    expect(bench.replies().map(({ text }) => text)).toContain(
      'Still no answer: *QueueFull: orders*.',
    );
    expect(await bench.dueAtMs(id)).toBeNull();
  });

  test('calls as many people as fit a message, and says how many more there are', async () => {
    const id = await inGroup();
    await bench.pass(minute);
    const mention = Array.from({ length: 400 }, (_, index) => `U0123ABC${index}`);
    const passedOn = [{ atMs: bench.clock.now(), channel: '#leads', mention }];
    await bench.change(id, (current) => ({ ...current, passedOn }));
    await bench.pass(minute);
    expect(saidBy(bench.roots('leads')[0])).toMatch(/<@U0123ABC0> .* … and \d+ more/);
  });
});

describe('a channel that is archived, or that the app was taken out of, while a question is open', () => {
  /** Slack as it answers for #leads once the channel is archived. */
  const archived = (): Slack => ({
    ...bench.slack,
    async post(message) {
      if (!['#leads', 'C2'].includes(message.channel)) return bench.slack.post(message);
      throw new SlackError('refused', 'archived', { code: 'is_archived' });
    },
    async update(message) {
      if (message.channel !== 'C2') return bench.slack.update(message);
      throw new SlackError('refused', 'archived', { code: 'is_inactive' });
    },
  });

  test('is left for the default channel, with all that is open', async () => {
    const first = await inGroup({ channel: '#leads' });
    await bench.pass(minute);
    expect(bench.roots('leads')).toHaveLength(1);
    const later = await inGroup({ channel: '#leads', title: 'QueueFull: mails' });
    await bench.pass(minute, bench.messenger({ slack: archived() }));
    expect(bench.roots()[0]?.text).toBe('2 need attention: QueueFull: orders and others');
    expect(saidBy(bench.roots()[0])).toContain('Meant for #leads, which Slack refused');
    expect(bench.replies()).toHaveLength(2);
    for (const reply of bench.replies()) expect(choicesIn(reply)).toContain('ack');
    for (const id of [first, later]) expect(await bench.dueAtMs(id)).toBeNull();
  });

  test('is left alone when nothing is open any more', async () => {
    const id = await inGroup({ channel: '#leads' });
    await bench.pass(minute);
    await bench.answer(id, 'ack');
    await bench.pass(minute, bench.messenger({ slack: archived() }));
    expect(bench.roots()).toEqual([]);
    expect(await bench.dueAtMs(id)).toBeNull();
  });
});

test('a channel that Slack silences holds up no other', async () => {
  await inGroup({ channel: '#leads' });
  const silent: Slack = {
    ...bench.slack,
    async post(message) {
      if (message.channel !== '#leads') return bench.slack.post(message);
      throw new SlackError('rate_limited', 'too many', { retryAfterMs: 5 * minute });
    },
  };
  const messenger = bench.messenger({ slack: silent });
  await bench.pass(10 * second, messenger);
  const others = [await bench.open({ group: 'a' }), await bench.open({ group: 'b' })];
  await bench.open({ group: 'c', channel: '#leads' });
  await bench.pass(10 * second, messenger);
  expect(bench.roots()).toHaveLength(2);
  for (const id of others) expect(await bench.dueAtMs(id)).toBeNull();
  // nobody asked in vain for the channel that is silent
  expect(await bench.count('failed')).toBe(1);
  await bench.pass(10 * minute);
  expect(bench.roots('leads')).toHaveLength(2);
});

test('a dead Slack delays a group with its thread and loses nothing', async () => {
  await bench.sim.stop();
  for (const title of ['a', 'b', 'c']) await inGroup({ title });
  await inGroup({ ...approval, title: 'd' });
  await bench.pass(5 * minute);
  await bench.sim.start();
  await bench.pass(5 * minute);
  expect(bench.roots()).toHaveLength(1);
  expect(
    bench
      .replies()
      .map(({ text }) => text)
      .sort(),
  ).toEqual([
    'Approval required: d',
    'Needs attention: a',
    'Needs attention: b',
    'Needs attention: c',
  ]);
  expect(await bench.ledger.redis.zcard(bench.ledger.keys.undelivered)).toBe(0);
});

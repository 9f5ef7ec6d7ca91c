import { randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { answerEscalation } from '../../src/engine/people/answer.js';
import { end } from '../../src/engine/run/transitions.js';
import { handOver } from '../../src/escalation/choices.js';
import { anybodyDecides } from '../../src/escalation/person.js';
import type { Choice, Escalation } from '../../src/ledger/escalation.js';
import { createLedger, type Ledger } from '../../src/ledger/ledger.js';
import type { ScheduleItem } from '../../src/ledger/schedule-item.js';
import { createMetrics } from '../../src/lib/metrics.js';
import { defaultPolicy } from '../../src/playbook/policy.js';
import { buttonsOf } from '../../src/sim/slack/blocks.js';
import type { SlackMessage } from '../../src/sim/slack/workspace.js';
import { createSlackSim } from '../../src/sim/slack.js';
import { createSlack } from '../../src/slack/client.js';
import { createMessenger, type MessengerOptions } from '../../src/slack/messenger.js';
import { slackScopes } from '../../src/slack/scopes.js';
import { createManualClock } from '../unit/sim/manual-clock.js';
import { sampleEscalation } from '../unit/slack/samples.js';
import { usePart } from './parts.js';

const botToken = 'xoxb-test';
const up: Choice = {
  id: 'up',
  label: 'Scale orders 2 → 3',
  style: undefined,
  does: {
    kind: 'act',
    action: 'swarm.scale',
    params: { service: 'orders', by: 1, max: 3 },
    target: { id: 'swarm.service/s1', name: 'orders' },
  },
};

/** What a message lets people decide: its buttons save those that only tell or ask more. */
export function choicesIn(message: SlackMessage | undefined): string[] {
  const ids = (message?.blocks ?? []).flatMap(buttonsOf).map(({ action_id }) => String(action_id));
  return ids.filter((id) => !['why', 'deny_with_reason', 'open_runbook'].includes(id));
}

export type SlackBench = Awaited<ReturnType<typeof startSlackBench>>;

/** A ledger on a real Redis, a simulated Slack, and messengers between them. */
export async function startSlackBench({
  channel = 'alerts',
  scopes = slackScopes.map(({ scope }) => scope),
} = {}) {
  const cleanups: (() => Promise<unknown>)[] = [];
  const cell = `test-${randomUUID()}`;
  const clock = createManualClock();
  const channels = [
    { id: 'C1', name: channel },
    { id: 'C2', name: 'leads' },
    { id: 'C3', name: 'secret', isPrivate: true },
  ];
  const sim = createSlackSim({
    botToken,
    scopes,
    signingSecret: 'secret',
    channels,
    clock,
    rateLimit: true,
  });
  await sim.start();
  cleanups.push(() => sim.stop());
  const metrics = createMetrics();
  const wakes: { item: string; atMs: number }[] = [];
  const logged: { level: number; msg: string; fault?: string }[] = [];
  const log = pino(
    { level: 'debug' },
    new Writable({
      write(line, _encoding, done) {
        logged.push(JSON.parse(String(line)));
        done();
      },
    }),
  );
  const slack = createSlack({ botToken, apiUrl: sim.apiUrl(), timeoutMs: 5_000 });

  function connect(): Ledger {
    const redis = new Redis(usePart('redis').url);
    cleanups.push(() => redis.quit());
    return createLedger({ redis, cell });
  }
  const ledger = connect();
  cleanups.push(async () => {
    const keys = await ledger.redis.keys(`{${cell}}:*`);
    if (keys.length > 0) await ledger.redis.del(...keys);
  });
  const wake = async (item: string, atMs: number) => {
    wakes.push({ item, atMs });
  };

  function messenger(differences: Partial<MessengerOptions> = {}) {
    return createMessenger({
      ledger,
      slack,
      suggest: async () => ({ choices: [up, ...handOver], note: null }),
      remindAt: () => null,
      defaultChannel: '#alerts',
      clock,
      wake,
      metrics,
      log,
      ...differences,
    });
  }

  /** Opens an escalation as the engine does: its message is owed from now on. */
  async function open(differences: Partial<Escalation> = {}): Promise<string> {
    const id = randomUUID();
    const escalation = sampleEscalation({
      id,
      caseId: id,
      choices: null,
      createdAtMs: clock.now(),
      ...differences,
    });
    const save = ledger.saveEscalation(null, escalation, clock.now());
    await ledger.commit({
      checks: [save.check],
      writes: [...save.writes, ...ledger.joinCase(id, `${id}-alert`)],
      nowMs: clock.now(),
    });
    return id;
  }

  async function read(id: string): Promise<Escalation> {
    const stored = await ledger.escalation(id);
    if (stored === null) throw new Error(`there is no escalation ${id}`);
    return stored.value;
  }

  /** Ends the run that the answer started, as the engine does. */
  async function endRun(id: string): Promise<void> {
    const run = await ledger.run((await read(id)).answer?.runId ?? '');
    if (run === null) throw new Error('the answer started no run');
    const ended = end(run.value, { kind: 'done', reason: 'resolved', detail: '' }, clock.now());
    await ledger.commit({
      checks: [],
      writes: [
        ...ledger.saveRun(run, ended).writes,
        ['ZADD', ledger.keys.schedule, clock.now(), `message:${id}`],
      ],
      nowMs: clock.now(),
    });
  }

  /** When the message of an escalation or of its thread is due; `null`: both are up to date. */
  async function dueAtMs(id: string): Promise<number | null> {
    const { thread } = await read(id);
    const items = [`message:${id}`, `thread:${thread ?? ''}`];
    const scores = await ledger.redis.zmscore(ledger.keys.schedule, ...items);
    const known = scores.filter((score) => score !== null).map(Number);
    return known.length === 0 ? null : Math.min(...known);
  }

  /** Changes an escalation as the engine does: its message is owed from now on. */
  async function change(id: string, next: (current: Escalation) => Escalation): Promise<void> {
    const stored = await ledger.escalation(id);
    if (stored === null) throw new Error(`there is no escalation ${id}`);
    const save = ledger.saveEscalation(stored, next(stored.value), clock.now());
    await ledger.commit({ checks: [save.check], writes: save.writes, nowMs: clock.now() });
  }

  /** What of Slack is due until then, soonest first. */
  async function owed(untilMs: number): Promise<{ item: ScheduleItem; atMs: number }[]> {
    const due = await ledger.due(untilMs, 10_000);
    return due.filter(({ item }) => /^(message|thread):/.test(item));
  }

  /** Lets time pass, and does meanwhile whatever is owed to Slack. */
  async function pass(ms: number, working = messenger()): Promise<void> {
    const untilMs = clock.now() + ms;
    for (let [next] = await owed(untilMs); next !== undefined; [next] = await owed(untilMs)) {
      clock.advance(Math.max(0, next.atMs - clock.now()));
      await working.look(next.item);
    }
    clock.advance(untilMs - clock.now());
  }

  /** The messages that stand in a channel by themselves, and the replies in the thread of one. */
  const roots = (where = channel) =>
    sim.messages(where).filter(({ threadTs }) => threadTs === undefined);
  const replies = (index = 0, where = channel) =>
    sim.messages(where).filter(({ threadTs }) => threadTs === roots(where)[index]?.ts);

  /** What a message offers to click. */
  function buttons(index = 0) {
    const blocks = sim.messages(channel)[index]?.blocks ?? [];
    return blocks.flatMap(buttonsOf);
  }

  async function count(result: string): Promise<number> {
    const { values } = await metrics.messages.get();
    return values.find(({ labels }) => labels.result === result)?.value ?? 0;
  }

  return {
    clock,
    sim,
    slack,
    ledger,
    connect,
    messenger,
    open,
    read,
    endRun,
    dueAtMs,
    change,
    owed,
    pass,
    roots,
    replies,
    buttons,
    count,
    wakes,
    log,
    logged,
    said: () => JSON.stringify(sim.messages(channel).at(-1)?.blocks),
    answer: (id: string, choiceId: string) =>
      answerEscalation(
        { ledger, clock, wake, policy: () => defaultPolicy, mayDecide: anybodyDecides },
        { id, choiceId, person: { via: 'api', name: 'Ada' } },
      ),

    /** Removes what the test left in Redis and closes everything. */
    async stop(): Promise<void> {
      for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
    },
  };
}

import { randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { answerEscalation } from '../../src/escalation/answer.js';
import { createMessenger, type MessengerOptions } from '../../src/escalation/messenger.js';
import { anybodyDecides } from '../../src/escalation/person.js';
import { createSlack } from '../../src/escalation/slack.js';
import { handOver } from '../../src/escalation/suggest.js';
import type { Choice, Escalation } from '../../src/ledger/escalation.js';
import { createLedger, type Ledger } from '../../src/ledger/ledger.js';
import { end } from '../../src/ledger/run-transitions.js';
import { createMetrics } from '../../src/metrics.js';
import { defaultPolicy } from '../../src/playbook/policy.js';
import { buttonsOf } from '../../src/sim/slack/blocks.js';
import { createSlackSim } from '../../src/sim/slack.js';
import { sampleEscalation } from '../unit/escalation/samples.js';
import { createManualClock } from '../unit/sim/manual-clock.js';
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

export type SlackBench = Awaited<ReturnType<typeof startSlackBench>>;

/** A ledger on a real Redis, a simulated Slack, and messengers between them. */
export async function startSlackBench({ channel = 'alerts' } = {}) {
  const cleanups: (() => Promise<unknown>)[] = [];
  const cell = `test-${randomUUID()}`;
  const clock = createManualClock();
  const channels = [{ id: 'C1', name: channel }];
  const sim = createSlackSim({ botToken, signingSecret: 'secret', channels, clock });
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
        ['ZADD', ledger.keys.agenda, clock.now(), `message:${id}`],
      ],
      nowMs: clock.now(),
    });
  }

  /** When the message is due; `null`: it is up to date. */
  async function dueAtMs(id: string): Promise<number | null> {
    const score = await ledger.redis.zscore(ledger.keys.agenda, `message:${id}`);
    return score === null ? null : Number(score);
  }

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

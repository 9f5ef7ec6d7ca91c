import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { answerEscalation, type GivenAnswer } from '../../src/engine/people/answer.js';
import { cancelRun } from '../../src/engine/people/cancel.js';
import type { Person } from '../../src/escalation/person.js';
import type { AuditRecord } from '../../src/ledger/audit.js';
import type { Choice, Escalation } from '../../src/ledger/escalation.js';
import { createLedger } from '../../src/ledger/ledger.js';
import { createRun } from '../../src/ledger/run.js';
import { systemClock } from '../../src/lib/clock.js';
import type { Approvers } from '../../src/playbook/approvers.js';
import { defaultPolicy } from '../../src/playbook/policy.js';
import type { SlackGroup } from '../../src/sim/slack/usergroups.js';
import { createSlackSim } from '../../src/sim/slack.js';
import { buttonBlocks } from '../../src/slack/buttons.js';
import { createSlackCaller } from '../../src/slack/client.js';
import { createDeciders } from '../../src/slack/deciders.js';
import { createTakeInteraction } from '../../src/slack/interaction.js';
import { createSlackInteractions } from '../../src/slack/interactions.js';
import { createSlackPeople } from '../../src/slack/people.js';
import { createSlackSocket } from '../../src/slack/socket.js';
import { sampleEscalation } from '../unit/slack/samples.js';
import { eventually } from './eventually.js';
import { usePart } from './parts.js';

/** By which way Slack brings what people do. */
export type Door = 'http' | 'socket';

const botToken = 'xoxb-test';
const appToken = 'xapp-test';
const signingSecret = 'secret';
export const ana = { id: 'U1', name: 'ana' };
export const eve = { id: 'U3', name: 'eve' };

/** Whatever is put into a plan that waits for a person. */
const choices: readonly Choice[] = [
  { id: 'approve', label: 'Approve', style: 'primary', does: { kind: 'approve' } },
  { id: 'deny', label: 'Deny', style: 'danger', does: { kind: 'deny' } },
];

/**
 * The real way of a click through one of the doors: a simulated Slack, signatures or a socket, who may
 * decide, and the ledger on a real Redis.
 */
export async function openDoors(
  door: Door,
  {
    approvers,
    groups = [],
    scopes = ['chat:write', 'usergroups:read'],
  }: {
    readonly approvers?: Approvers;
    readonly groups?: readonly SlackGroup[];
    readonly scopes?: readonly string[];
  } = {},
) {
  const clock = systemClock;
  const channels = [{ id: 'C1', name: 'alerts' }];
  const sim = createSlackSim({ botToken, appToken, scopes, signingSecret, channels, groups });
  await sim.start();
  onTestFinished(() => sim.stop());
  const redis = new Redis(usePart('redis').url);
  const cell = `test-${randomUUID()}`;
  const ledger = createLedger({ redis, cell });
  onTestFinished(async () => {
    const keys = await redis.keys(`{${cell}}:*`);
    if (keys.length > 0) await redis.del(...keys);
    await redis.quit();
  });
  const logged: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => logged.push(line) });
  const options = { botToken, apiUrl: sim.apiUrl(), timeoutMs: 5_000 };
  const slack = createSlackPeople(options);
  const { mayDecide, mayAsk } = createDeciders({ approversOf: () => approvers, slack, clock });
  const given: GivenAnswer[] = [];
  const wake = async () => {};
  const answer = (one: GivenAnswer) => {
    given.push(one);
    return answerEscalation({ ledger, clock, wake, policy: () => defaultPolicy, mayDecide }, one);
  };
  const { openForm } = slack;
  const whyOf = async () => null;
  const cancelRunOf = async (id: string, person: Person) => {
    const runId = (await ledger.escalation(id))?.value.runId ?? '';
    return cancelRun({ ledger, clock, wake, mayDecide }, { id: runId, person });
  };
  const parts = { answer, cancelRunOf, mayAsk, whyOf, openForm, log };
  const takeInteraction = createTakeInteraction(parts);
  const socket = createSlackSocket({ appToken, apiUrl: sim.apiUrl(), takeInteraction, log });
  if (door === 'socket') {
    socket.start();
    onTestFinished(() => socket.stop());
    await eventually('the socket is connected', async () => socket.state().ok, Boolean);
  }
  const way = door === 'http' ? { url: await listen() } : {};

  async function listen(): Promise<string> {
    const parts = { takeInteraction, slackSigningSecret: signingSecret, clock, log };
    const { fetch } = createSlackInteractions(parts);
    const address = await new Promise<AddressInfo>((resolve) => {
      const server = serve({ fetch, port: 0, hostname: '127.0.0.1' }, resolve);
      onTestFinished(() => void server.close());
    });
    return `http://127.0.0.1:${address.port}/slack/interactions`;
  }

  /** A plan that waits for a person, with its message in the channel. */
  async function ask(
    state: 'awaiting_approval' | 'planning' = 'awaiting_approval',
  ): Promise<{ readonly id: string; readonly ts: string }> {
    const id = randomUUID();
    const nowMs = clock.now();
    const run = createRun({
      id: randomUUID(),
      caseId: id,
      origin: { kind: 'playbook', playbook: 'scale-up', hash: '' },
      labels: {},
      steps: [],
      cooldownMs: 0,
      limits: [],
      channel: undefined,
      verifiable: true,
      escalationId: id,
      state,
      nowMs,
    });
    const about = { id, caseId: id, createdAtMs: nowMs, runId: run.id };
    const isOpen = state === 'awaiting_approval';
    const escalation = sampleEscalation({
      ...about,
      kind: 'approval',
      choices,
      state: isOpen ? 'open' : 'answered',
    });
    const saves = [ledger.saveRun(null, run), ledger.saveEscalation(null, escalation, null)];
    await ledger.commit({ checks: [], writes: saves.flatMap(({ writes }) => writes), nowMs });
    const blocks = [...buttonBlocks(escalation, run)];
    const posted = await createSlackCaller(options)('post', (client) =>
      client.chat.postMessage({ channel: 'C1', text: 'May I?', blocks: blocks as never }),
    );
    return { id, ts: posted.ts ?? '' };
  }

  async function read(id: string): Promise<Escalation> {
    const stored = await ledger.escalation(id);
    if (stored === null) throw new Error(`there is no escalation ${id}`);
    return stored.value;
  }

  return {
    sim,
    ledger,
    socket,
    logged,
    given,
    ask,
    read,
    way,

    click: (
      ts: string,
      actionId: string,
      user: { id: string; name: string; teamId?: string } = ana,
    ) => sim.click({ channel: 'C1', ts, actionId, user, ...way }),

    /** What somebody was told privately, as soon as there is so much of it. */
    async told(count = 1): Promise<readonly string[]> {
      const what = `${count} private messages`;
      await eventually(
        what,
        async () => sim.ephemerals.length,
        (found) => found >= count,
      );
      return sim.ephemerals.map(({ user, text }) => `${user}: ${text}`);
    },

    /** What the audit trail says happened to an escalation. */
    async audited(id: string): Promise<AuditRecord[]> {
      const entries = await redis.xrange(ledger.keys.audit, '-', '+');
      const records = entries.map(([, fields]) => JSON.parse(fields[1] ?? '') as AuditRecord);
      return records.filter((record) => record.id === id && record.event !== 'opened');
    },
  };
}

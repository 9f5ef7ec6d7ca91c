import type { Hono } from 'hono';
import type { Redis } from 'ioredis';
import { pino } from 'pino';
import type { Received } from '../../../src/alertmanager/received.js';
import { createReceiver, type ReceiverParts } from '../../../src/api/receiver.js';
import type { GivenAnswer } from '../../../src/engine/people/answer.js';
import { createPauses } from '../../../src/guard/pauses.js';
import { createResets } from '../../../src/guard/resets.js';
import type { Escalation } from '../../../src/ledger/escalation.js';
import { createLedger } from '../../../src/ledger/ledger.js';
import { createMetrics } from '../../../src/lib/metrics.js';
import { createLibrary } from '../../../src/playbook/library.js';
import type { Playbook } from '../../../src/playbook/playbook.js';
import { defaultPolicy } from '../../../src/playbook/policy.js';
import { jobOf, notificationsOf, postedText } from '../../../src/queue/intake-job.js';
import { createTakeInteraction, type InteractionParts } from '../../../src/slack/interaction.js';
import { serviceListOf } from '../../support/services.js';
import { createManualClock } from '../sim/manual-clock.js';

/** What a Redis error may carry along, and nobody may see. */
export const secret = 'hunter2-never-shown';

/** A receiver with fake parts, and what they were given. */
export interface FakeReceiver {
  readonly receiver: Hono;
  readonly queued: Received[];
  readonly answers: GivenAnswer[];
  /** The lines that were logged, as text. */
  readonly logged: string[];
  /** The counter of notifications, by outcome, without those that never occurred. */
  outcomes(): Promise<Record<string, number>>;
}

/** A receiver whose queue takes everything and whose Redis answers nothing, unless told otherwise. */
export function createFakeReceiver({
  slack = {},
  ...overrides
}: Partial<ReceiverParts> & {
  /** What a click in Slack leads to, besides answers. */
  readonly slack?: Partial<InteractionParts>;
} = {}): FakeReceiver {
  const queued: Received[] = [];
  const answers: GivenAnswer[] = [];
  const logged: string[] = [];
  const metrics = createMetrics();
  const ledger = createLedger({ redis: brokenRedis(), cell: 'test' });
  const clock = createManualClock();
  const log = pino({}, { write: (line: string) => logged.push(line) });
  const accept: ReceiverParts['answer'] = async (given) => {
    answers.push(given);
    return { kind: 'accepted', escalation: createEscalation() };
  };
  const answer = overrides.answer ?? accept;
  const receiver = createReceiver({
    enqueue: async (received) => {
      queued.push(received);
    },
    enqueuePosted: async (posted) => {
      queued.push(...notificationsOf(JSON.parse(jobOf([postedText(posted)]).data.toString())));
    },
    ledger,
    explain: async () => [],
    targetFit: async () => ({ fits: true, nearest: null, detail: '' }),
    services: serviceListOf(ledger),
    pauses: createPauses({ ledger, clock }),
    resets: createResets({ ledger, clock, wake: async () => {} }),
    answer,
    cancel: async () => ({ kind: 'unknown_run' }),
    runPlaybook: async () => ({ kind: 'unknown_playbook', why: 'there are none' }),
    takeInteraction: createTakeInteraction({
      answer,
      cancelRunOf: async () => ({ kind: 'unknown_run' }),
      mayAsk: async () => ({ allowed: true }),
      whyOf: async () => null,
      openForm: async () => {},
      ...slack,
      log,
    }),
    readiness: async () => ({ ready: true, checks: {} }),
    reload: async () => ({ kind: 'refused', problems: [] }),
    metricsText: () => metrics.registry.metrics(),
    metrics,
    active: () => ({ library: createLibrary([playbook]), policy: defaultPolicy, hash: 'set-hash' }),
    webhookToken: undefined,
    adminToken: undefined,
    facing: undefined,
    externalUrl: undefined,
    viewerToken: undefined,
    slackSigningSecret: undefined,
    clock,
    log,
    ...overrides,
  });
  return {
    receiver,
    queued,
    answers,
    logged,
    async outcomes() {
      const { values } = await metrics.notifications.get();
      const occurred = values.filter(({ value }) => value > 0);
      return Object.fromEntries(occurred.map(({ labels, value }) => [labels.outcome, value]));
    },
  };
}

/** The bindings of a request that comes over a connection from this address. */
export function from(remoteAddress: string): object {
  return { incoming: { socket: { remoteAddress, remotePort: 40_000, remoteFamily: 'IPv4' } } };
}

/** An escalation that waits for an answer. */
export function createEscalation(overrides: Partial<Escalation> = {}): Escalation {
  return {
    id: 'esc1',
    caseId: 'esc1',
    subject: null,
    kind: 'unmatched',
    reason: 'no_match',
    title: 'ServiceSlow: web',
    detail: 'no playbook matches',
    labels: { alertname: 'ServiceSlow' },
    annotations: {},
    links: [],
    misses: [],
    channel: undefined,
    choices: [
      { id: 'up', label: 'One more', style: 'primary', does: { kind: 'acknowledge' } },
      { id: 'dismiss', label: 'Dismiss', style: undefined, does: { kind: 'dismiss' } },
    ],
    runId: null,
    state: 'open',
    answer: null,
    createdAtMs: 1_000,
    expiresAtMs: null,
    endedAtMs: null,
    posted: null,
    ...overrides,
  };
}

/** The same after somebody answered it. */
export function createAnswered(): Escalation {
  return createEscalation({
    state: 'answered',
    answer: {
      choiceId: 'dismiss',
      label: 'Dismiss',
      by: 'bo <!channel> (U2)',
      atMs: Date.parse('2026-01-31T08:15:30.500Z'),
      runId: null,
    },
    endedAtMs: Date.parse('2026-01-31T08:15:30.500Z'),
  });
}

const playbook: Playbook = {
  name: 'scale-slow-service',
  summary: 'Adds replicas.',
  owner: undefined,
  file: 'services/slow.yaml',
  hash: 'playbook-hash',
  text: 'name: scale-slow-service # why not\n',
  match: [],
  sources: new Set(),
  saysSource: false,
  when: undefined,
  mode: 'auto',
  continue: false,
  ignore: false,
  steps: [],
  guards: { cooldownMs: 0, limits: [] },
  escalate: { channel: undefined, afterMs: undefined, tiers: undefined },
};

/** Answers every command as ioredis does when Redis refuses it: with the command in the error. */
export function brokenRedis(): Redis {
  const fail = () => {
    const command = { name: 'hmget', args: [secret] };
    return Promise.reject(Object.assign(new Error('Connection is closed.'), { command }));
  };
  const pipeline = () => new Proxy({}, { get: (_, name) => (name === 'exec' ? fail : pipeline) });
  const redis = {
    pipeline,
    hmget: fail,
    zrevrangebyscore: fail,
    xrevrange: fail,
    get: fail,
    hvals: fail,
    zrange: fail,
    lrange: fail,
    hget: fail,
  };
  return redis as unknown as Redis;
}

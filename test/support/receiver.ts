import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { expect, onTestFinished } from 'vitest';
import type { Alert } from '../../src/alertmanager/alert.js';
import { createReceiver, type ReceiverParts } from '../../src/api/receiver.js';
import { applyAlert } from '../../src/engine/episode/apply-alert.js';
import { answerEscalation, type GivenAnswer } from '../../src/engine/people/answer.js';
import { cancelRun } from '../../src/engine/people/cancel.js';
import { draftUnmatched } from '../../src/escalation/draft.js';
import { anybodyDecides } from '../../src/escalation/person.js';
import { createPauses } from '../../src/guard/pauses.js';
import { createResets } from '../../src/guard/resets.js';
import type { Episode } from '../../src/ledger/episode.js';
import type { Choice, Escalation } from '../../src/ledger/escalation.js';
import { createLedger, type Ledger } from '../../src/ledger/ledger.js';
import type { Write } from '../../src/ledger/transaction.js';
import { systemClock } from '../../src/lib/clock.js';
import { createMetrics } from '../../src/lib/metrics.js';
import { createLibrary } from '../../src/playbook/library.js';
import { defaultPolicy } from '../../src/playbook/policy.js';
import { createTakeInteraction } from '../../src/slack/interaction.js';
import { usePart } from './parts.js';
import { serviceListOf } from './services.js';

/** When the records of these tests were made. */
export const atMs = Date.parse('2026-01-31T08:00:00Z');

/** A page of a list, as far as the tests read it. */
export interface ApiPage {
  readonly items: readonly { readonly id: string; readonly entry?: string }[];
  readonly next: string | null;
}

/** A receiver over a cell of its own. */
export function startReceiver(overrides: Partial<ReceiverParts> & { readonly redis?: Redis } = {}) {
  const redis = overrides.redis ?? new Redis(usePart('redis').url);
  onTestFinished(() => redis.disconnect());
  const ledger = createLedger({ redis, cell: `receiver-${randomBytes(6).toString('hex')}` });
  const metrics = createMetrics();
  const wake = async () => {};
  const log = pino({ level: 'silent' });
  const answering = {
    ledger,
    clock: systemClock,
    wake,
    policy: () => defaultPolicy,
    mayDecide: anybodyDecides,
  };
  const answer = (given: GivenAnswer) => answerEscalation(answering, given);
  const receiver = createReceiver({
    enqueue: async () => {},
    enqueuePosted: async () => {},
    ledger,
    answer,
    cancel: (given) => cancelRun(answering, given),
    runPlaybook: async () => ({ kind: 'unknown_playbook', why: 'there are none' }),
    takeInteraction: createTakeInteraction({
      answer,
      cancelRunOf: async () => ({ kind: 'unknown_run' }),
      mayAsk: async () => ({ allowed: true }),
      whyOf: async () => null,
      openForm: async () => {},
      log,
    }),
    explain: async () => [],
    targetFit: async () => ({ fits: true, nearest: null, detail: '' }),
    services: serviceListOf(ledger),
    pauses: createPauses({ ledger, clock: systemClock }),
    resets: createResets({ ledger, clock: systemClock, wake }),
    readiness: async () => ({ ready: true, checks: {} }),
    reload: async () => ({ kind: 'refused', problems: [] }),
    metricsText: () => metrics.registry.metrics(),
    metrics,
    active: () => ({ library: createLibrary([]), policy: defaultPolicy, hash: '' }),
    webhookToken: undefined,
    adminToken: 'a-token',
    facing: undefined,
    externalUrl: undefined,
    viewerToken: undefined,
    slackSigningSecret: undefined,
    clock: systemClock,
    log,
    ...overrides,
  });

  async function call<Body = ApiPage>(path: string, init: RequestInit = {}) {
    const headers = { authorization: 'Bearer a-token', 'content-type': 'application/json' };
    const response = await receiver.request(`/api/v1/${path}`, { ...init, headers });
    return { status: response.status, body: (await response.json()) as Body };
  }

  return { receiver, ledger, redis, call };
}

/** Writes records, whatever was there before. */
export async function commit(ledger: Ledger, writes: readonly Write[]): Promise<void> {
  const result = await ledger.commit({ checks: [], writes, nowMs: atMs });
  expect(result.kind).toBe('committed');
}

/** An episode that fires; after `current`, the next of its identity. */
export function fire(identity: string, nowMs: number, current: Episode | null = null): Episode {
  const alert: Alert = {
    status: 'firing',
    labels: { alertname: 'ServiceSlow', service: identity },
    annotations: { summary: 'slow' },
    startsAtMs: nowMs,
    endsAtMs: null,
    generatorUrl: 'http://prometheus/graph',
    fingerprint: `f-${identity}`,
  };
  const delivery = {
    identity,
    source: 'alertmanager',
    groupKey: '{}',
    externalUrl: '',
    receivedAtMs: nowMs,
    nowMs,
  };
  return applyAlert(current, alert, delivery).episode;
}

/** What the escalations of these tests let a person choose. */
export const choices: Choice[] = [
  { id: 'ack', label: 'Acknowledge', style: 'primary', does: { kind: 'acknowledge' } },
  { id: 'dismiss', label: 'Dismiss', style: undefined, does: { kind: 'dismiss' } },
];

/** An open escalation with one alert. */
export async function escalate(ledger: Ledger, nowMs: number): Promise<Escalation> {
  const to = { id: ledger.newId(), channel: undefined, expiresAtMs: null, nowMs };
  const episode = fire('web', nowMs);
  const draft = draftUnmatched(episode, 'no_match', 'no playbook matches', null, to);
  const escalation = { ...draft, choices };
  await commit(ledger, [
    ...ledger.saveEscalation(null, escalation, null).writes,
    ...ledger.joinCase(escalation.caseId, 'web'),
  ]);
  return escalation;
}

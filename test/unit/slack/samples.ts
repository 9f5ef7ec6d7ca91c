import type { Change } from '../../../src/integrations/contract/change.js';
import type { Miss } from '../../../src/ledger/episode.js';
import type { Escalation } from '../../../src/ledger/escalation.js';
import { createRun, type Run } from '../../../src/ledger/run.js';

export const startMs = Date.UTC(2026, 2, 4, 3, 0, 0);

/** An alert that no playbook takes, as it lies in the ledger. */
export function sampleEscalation(differences: Partial<Escalation> = {}): Escalation {
  return {
    id: 'esc1',
    caseId: 'esc1',
    subject: null,
    kind: 'unmatched',
    reason: 'no_match',
    title: 'QueueFull: orders',
    detail: 'some playbooks are near misses, but none matches',
    labels: { alertname: 'QueueFull', service: 'orders', severity: 'critical' },
    annotations: { summary: 'The queue of orders is full.' },
    links: [{ text: 'Runbook', url: 'https://runbooks.example/queue' }],
    misses: [sampleMiss()],
    channel: undefined,
    choices: [
      {
        id: 'up',
        label: 'Scale orders 2 → 3',
        style: undefined,
        does: {
          kind: 'act',
          action: 'swarm.scale',
          params: { service: 'orders', by: 1, max: 3 },
          target: { id: 'swarm.service/s1', name: 'orders' },
        },
      },
      { id: 'ack', label: 'Acknowledge', style: undefined, does: { kind: 'acknowledge' } },
      { id: 'dismiss', label: 'Dismiss', style: undefined, does: { kind: 'dismiss' } },
    ],
    runId: null,
    state: 'open',
    answer: null,
    createdAtMs: startMs,
    expiresAtMs: null,
    endedAtMs: null,
    posted: null,
    ...differences,
  };
}

/** A playbook that came near. */
export function sampleMiss(differences: Partial<Miss> = {}): Miss {
  return {
    playbook: 'drain-queue',
    clause: 'severity = "warning"',
    expected: '"warning"',
    actual: '"critical"',
    reason: 'no_match',
    missed: 1,
    ...differences,
  };
}

/** An alert that no playbook takes, answered by a person a minute later. */
export function answered(choiceId: string, label: string, runId: string | null): Escalation {
  const atMs = startMs + 60_000;
  const answer = { choiceId, label, by: 'Ada', atMs, runId };
  return sampleEscalation({ state: 'answered', answer, endedAtMs: atMs });
}

/** The run that a click on "up" started. */
export function sampleRun(differences: Partial<Run> = {}): Run {
  const target = { id: 'swarm.service/s1', name: 'orders' };
  const run = createRun({
    id: 'run1',
    caseId: 'esc1',
    origin: { kind: 'person', by: 'Ada', escalationId: 'esc1' },
    labels: { alertname: 'QueueFull', service: 'orders' },
    steps: [
      {
        action: 'swarm.scale',
        params: { service: 'orders', by: 1, max: 3 },
        target,
        settleMs: 120_000,
        repeat: 1,
        undo: false,
      },
    ],
    cooldownMs: 0,
    limits: [],
    channel: undefined,
    verifiable: true,
    escalationId: 'esc1',
    state: 'admitting',
    nowMs: startMs + 60_000,
  });
  return { ...run, ...differences };
}

/** A run of a job that printed this; `null`: no output is kept. */
export function ranJob(printed: string | null): Run {
  const target = { id: 'swarm.node/n3', name: 'node-3' };
  const values = { node: 'node-3' };
  const op = { kind: 'run', from: 'absent', to: 'started', job: 'clean', image: 'i', values };
  return sampleRun({
    state: 'converging',
    attempts: [
      {
        step: 0,
        change: { kind: 'change', target, op: { ...op, nodeId: 'n3' }, version: null } as Change,
        undo: false,
        plannedAtMs: startMs,
        appliedAtMs: startMs,
        convergedAtMs: null,
        seen: '',
        changedBeforeMs: null,
        execution: {
          ...{ exitCode: 3, node: 'node-3', image: 'i', tookMs: 1_000 },
          log: printed === null ? null : { text: printed, sha256: '', bytes: printed.length },
        },
      },
    ],
  });
}

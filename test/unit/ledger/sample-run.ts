import type { Change } from '../../../src/integrations/contract/change.js';
import { createRun, type NewRun, type Run, type RunStep } from '../../../src/ledger/run.js';

/** A step on the service `web`. */
export function sampleStep(fields: Partial<RunStep> = {}): RunStep {
  return {
    action: 'test.scale',
    params: { service: 'web', by: 1 },
    target: { id: 'test.service/web', name: 'web' },
    settleMs: 120_000,
    repeat: 1,
    undo: false,
    ...fields,
  };
}

/** A run of the playbook `scale-up` at its beginning. */
export function sampleRun(fields: Partial<NewRun> = {}): Run {
  return createRun({
    id: 'run-1',
    caseId: 'case-1',
    origin: { kind: 'playbook', playbook: 'scale-up', hash: 'h' },
    labels: {},
    steps: [sampleStep()],
    cooldownMs: 0,
    limits: [],
    channel: undefined,
    verifiable: true,
    escalationId: null,
    state: 'planning',
    nowMs: 1_000,
    ...fields,
  });
}

/** A change of the service `web`. */
export function sampleChange(from: number, to: number): Change {
  const target = { id: 'test.service/web', name: 'web' };
  const op = { kind: 'resize', from, to, unit: 'replicas' };
  return { kind: 'change', target, op, version: null };
}

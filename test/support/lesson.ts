import type { Labels } from '../../src/alertmanager/alert.js';
import type { Operation } from '../../src/integrations/contract/change.js';
import { createOfflineRegistry } from '../../src/integrations/offline-registry.js';
import { draftSuggestion } from '../../src/learning/draft-suggestion.js';
import type { SuggestionDraft } from '../../src/ledger/playbook-suggestion.js';
import type { Reason } from '../../src/ledger/reason.js';
import { createRun, type Run } from '../../src/ledger/run.js';
import type { JobTexts, SourceFile } from '../../src/playbook/file.js';

const atMs = Date.parse('2026-03-01T12:00:00Z');

/** What a person did, and what came of it. */
export interface Deed {
  readonly labels?: Labels;
  readonly action?: string;
  readonly target?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly from?: number;
  readonly to?: number;
  /** What was done, where that is no size. */
  readonly op?: Operation;
  /** The first part of the target's id; left out, a service's. */
  readonly kind?: string;
  /** How often the job asked to be run again before it was done. */
  readonly later?: number;
  readonly by?: string;
  readonly channel?: string;
}

/** A run that a person started and that helped: unless told otherwise, web from 2 to 3 replicas. */
function helpfulRun(deed: Deed = {}): Run {
  const { target = 'web', action = 'swarm.scale', from = 2, to = 3, by = 'ada (U1)' } = deed;
  const { labels = { alertname: 'ServiceSlow', service: 'web', severity: 'critical' } } = deed;
  const { kind = action === 'asg.resize' ? 'asg' : 'swarm.service', later = 0 } = deed;
  const id = { id: `${kind}/${target}`, name: target };
  const run = createRun({
    id: 'run-1',
    caseId: 'case-1',
    origin: { kind: 'person', by, escalationId: 'question-1' },
    labels,
    steps: [
      {
        action,
        params: deed.params ?? { service: target, by: to - from },
        target: id,
        settleMs: 7 * 60_000,
        repeat: 1,
        undo: false,
      },
    ],
    cooldownMs: 0,
    limits: [],
    channel: deed.channel,
    verifiable: true,
    escalationId: 'question-1',
    state: 'admitting',
    nowMs: atMs,
  });
  const unit = action === 'asg.resize' ? 'instances' : 'replicas';
  const { op = { kind: 'resize', from, to, unit } } = deed;
  const change = { kind: 'change', target: id, op, version: '1' } as const;
  const attempt = {
    step: 0,
    change,
    undo: false,
    plannedAtMs: atMs,
    appliedAtMs: atMs,
    convergedAtMs: atMs + 5_000,
    seen: '',
  };
  return {
    ...run,
    state: 'ended',
    attempts: [
      ...Array.from({ length: later }, () => ({ ...attempt, later: true as const })),
      attempt,
    ],
    endedAtMs: atMs + 120_000,
    outcome: { kind: 'done', reason: 'resolved', detail: '' },
  };
}

/** The draft that is made of it among these files. */
export async function draftOf(
  deed: Deed = {},
  {
    files = [],
    policy = '',
    jobs,
    similar = [],
    workerAsg = '',
    reason = 'no_match',
  }: {
    readonly files?: readonly SourceFile[];
    readonly policy?: string;
    readonly jobs?: JobTexts | undefined;
    readonly similar?: readonly Labels[];
    readonly workerAsg?: string;
    readonly reason?: Reason;
  } = {},
): Promise<SuggestionDraft> {
  const draft = await draftSuggestion({
    run: helpfulRun(deed),
    question: { id: 'question-1', reason, annotations: {} },
    similar,
    texts: { files, policy: { file: 'policy.yaml', text: policy }, jobs },
    actions: createOfflineRegistry(),
    workerAsg,
  });
  if (draft === null) throw new Error('nothing was learned');
  return draft;
}

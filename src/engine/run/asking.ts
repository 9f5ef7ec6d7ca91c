import type { Observation } from '../../action/action.js';
import { draftApproval } from '../../escalation/draft.js';
import type { StoredRun } from '../../ledger/reads.js';
import { targetsOf } from '../../ledger/run.js';
import { askedAgain } from '../../ledger/run-transitions.js';
import type { Write } from '../../ledger/transaction.js';
import { TargetError } from '../../target/target-error.js';
import { foresee } from '../outlook.js';
import type { EngineParts } from '../parts.js';
import { actionNamed, readFailure } from '../resolve.js';
import { wakeWaiters } from '../waiters.js';
import { commitRun } from './commit-run.js';
import { giveUp } from './end-run.js';

function messageWrite({ ledger }: EngineParts, id: string, nowMs: number): Write {
  return ['ZADD', ledger.keys.agenda, nowMs, `message:${id}`];
}

/**
 * Asks a person anew, because what is to be done goes further than what was shown. The run gives its
 * locks back and waits.
 */
export async function askAgain(
  parts: EngineParts,
  stored: StoredRun,
  observed: Observation<unknown>,
): Promise<StoredRun | null> {
  const { clock, active } = parts;
  const run = stored.value;
  const nowMs = clock.now();
  const { bounds, approvalExpiresMs } = active().policy;
  const ahead = [];
  try {
    for (const [index, step] of run.steps.slice(run.step).entries()) {
      const action = actionNamed(parts.actions, step.action);
      const observation = index === 0 ? observed : await action.observe(step.params);
      const repeat = index === 0 ? step.repeat - run.taken : step.repeat;
      ahead.push({ action, step: { ...step, repeat }, observation });
    }
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    const { reason, detail } = readFailure(error);
    return giveUp(parts, stored, run, { reason, detail });
  }
  const outlook = foresee(ahead, bounds);
  const past = (run.shown ?? []).slice(0, run.step);
  const about = { labels: run.labels, annotations: {} };
  const to = {
    id: parts.ledger.newId(),
    channel: run.channel,
    expiresAtMs: nowMs + approvalExpiresMs,
    nowMs,
  };
  const before = (run.shown ?? []).slice(run.step);
  const question = draftApproval('approval', run, outlook, about, to, before);
  const next = askedAgain(run, [...past, ...outlook], question.id);
  const committed = await commitRun(parts, stored, next, {
    event: 'asked_again',
    reason: 'approval',
    detail: question.detail,
    escalations: [question],
    // the message of the answer that is void now says so
    writes: run.escalationId === null ? [] : [messageWrite(parts, run.escalationId, nowMs)],
  });
  if (committed !== null) await wakeWaiters(parts, targetsOf(run));
  return committed;
}

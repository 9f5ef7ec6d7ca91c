import { draftApproval } from '../../escalation/draft.js';
import type { Observation } from '../../integrations/contract/action.js';
import { TargetError } from '../../integrations/contract/target-error.js';
import type { StoredRun } from '../../ledger/record-reads.js';
import { scheduleItem } from '../../ledger/schedule-item.js';
import type { Write } from '../../ledger/transaction.js';
import type { EngineContext } from '../context/context.js';
import { predictSteps } from '../reading/preview.js';
import { actionNamed, readFailure } from '../reading/resolve.js';
import { commitRun } from './commit-run.js';
import { giveUp } from './end-run.js';
import { askedAgain } from './transitions.js';

function messageWrite({ ledger }: EngineContext, id: string, nowMs: number): Write {
  return ['ZADD', ledger.keys.schedule, nowMs, scheduleItem('message', id)];
}

/**
 * Asks a person again, because what is to be done goes further than what was shown. The run gives its
 * locks back and waits.
 */
export async function askAgain(
  context: EngineContext,
  stored: StoredRun,
  observed: Observation<unknown>,
): Promise<StoredRun | null> {
  const { clock, active } = context;
  const run = stored.value;
  const nowMs = clock.now();
  const { bounds, approvalExpiresMs } = active().policy;
  const ahead = [];
  try {
    for (const [index, step] of run.steps.slice(run.step).entries()) {
      const action = actionNamed(context.actions, step.action);
      const observation = index === 0 ? observed : await action.observe(step.params);
      const repeat = index === 0 ? step.repeat - run.taken : step.repeat;
      ahead.push({ action, step: { ...step, repeat }, observation });
    }
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    const { reason, detail } = readFailure(error);
    return giveUp(context, stored, run, { reason, detail });
  }
  const preview = predictSteps(ahead, bounds);
  const past = (run.shown ?? []).slice(0, run.step);
  const about = { labels: run.labels, annotations: {} };
  const to = {
    id: context.ledger.newId(),
    channel: run.channel,
    expiresAtMs: nowMs + approvalExpiresMs,
    nowMs,
  };
  const before = (run.shown ?? []).slice(run.step);
  const question = draftApproval('approval', run, preview, about, to, before);
  const next = askedAgain(run, [...past, ...preview], question.id);
  return commitRun(context, stored, next, {
    event: 'asked_again',
    reason: 'approval',
    detail: question.detail,
    escalations: [question],
    // the message of the answer that is void now says so
    writes: run.escalationId === null ? [] : [messageWrite(context, run.escalationId, nowMs)],
  });
}

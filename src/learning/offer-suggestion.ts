import type { EngineContext, SuggestionOffer } from '../engine/context/context.js';
import { draftLessonOffer } from '../escalation/playbook-suggestion.js';
import type { Escalation } from '../ledger/escalation.js';
import type { Run } from '../ledger/run.js';
import { shortHash } from '../lib/short-hash.js';
import { type Learned, learnedFrom } from './learned.js';
import { takerOf } from './taker.js';

/** The same offer is not made again for this long, whatever became of it. */
const restMs = 30 * 24 * 3_600_000;
/** How long it stays open. */
const openMs = 7 * 24 * 3_600_000;

/**
 * The offer to make a playbook of what a person did, for a run that ends because its alerts resolved.
 * `null`: there is nothing to learn from it, a playbook takes such alerts already, or the offer was
 * made before.
 *
 * @throws what Redis throws.
 */
export async function offerSuggestion(
  context: EngineContext,
  run: Run,
): Promise<SuggestionOffer | null> {
  const { ledger, clock } = context;
  const { origin, outcome } = run;
  if (origin.kind !== 'person' || outcome?.reason !== 'resolved') return null;
  const learned = learnedFrom(run, context);
  if (learned === null) return null;
  const question = (await ledger.escalation(origin.escalationId))?.value;
  if (question === undefined || isCovered(context, run, question)) return null;
  const key = ledger.keys.lesson(hashOf(run, learned));
  if ((await ledger.redis.get(key)) !== null) return null;
  const nowMs = clock.now();
  const id = ledger.newId();
  const to = { id, channel: question.channel, expiresAtMs: nowMs + openMs, nowMs };
  return {
    escalation: draftLessonOffer(run, question, to),
    checks: [{ kind: 'absent', key }],
    writes: [['SET', key, id, 'PX', restMs]],
  };
}

/** Whether a playbook takes such alerts already, other than one that could not act because bounds were missing. */
function isCovered(context: EngineContext, run: Run, { reason, annotations }: Escalation): boolean {
  if (reason === 'no_bounds') return false;
  const { workerAsg } = context;
  return takerOf(context.active(), { labels: run.labels, annotations, workerAsg }) !== null;
}

/** The same for the same thing done about the same alert. */
function hashOf({ labels }: Run, { action, called }: Learned): string {
  const what = [labels.alertname, action, called];
  return shortHash(JSON.stringify(what));
}

import { createHash } from 'node:crypto';
import { draftLessonOffer } from '../../escalation/lesson.js';
import type { Escalation } from '../../ledger/escalation.js';
import type { Run } from '../../ledger/run.js';
import type { Check, Write } from '../../ledger/transaction.js';
import type { EngineParts } from '../parts.js';
import { type Learned, learnedFrom } from './learned.js';
import { takerOf } from './taker.js';

/** An offer, and what is written and must hold with it. */
export interface LessonOffer {
  readonly escalation: Escalation;
  readonly checks: readonly Check[];
  readonly writes: readonly Write[];
}

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
export async function offerLesson(parts: EngineParts, run: Run): Promise<LessonOffer | null> {
  const { ledger, clock, workerAsg } = parts;
  const { origin, outcome } = run;
  if (!parts.teaches || origin.kind !== 'person' || outcome?.reason !== 'resolved') return null;
  const learned = learnedFrom(run, workerAsg);
  if (learned === null) return null;
  const question = (await ledger.escalation(origin.escalationId))?.value;
  if (question === undefined || isCovered(parts, run, question)) return null;
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

/** Whether a playbook takes such alerts already, other than one that could not act for want of bounds. */
function isCovered(parts: EngineParts, run: Run, { reason, annotations }: Escalation): boolean {
  if (reason === 'no_bounds') return false;
  const { workerAsg } = parts;
  return takerOf(parts.active(), { labels: run.labels, annotations, workerAsg }) !== null;
}

/** The same for the same thing done about the same alert. */
function hashOf({ labels }: Run, { action, target, by }: Learned): string {
  const what = [labels.alertname, action, target, Math.sign(by)];
  return createHash('sha256').update(JSON.stringify(what)).digest('hex').slice(0, 32);
}

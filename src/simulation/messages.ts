import type { EngineContext } from '../engine/context/context.js';
import { isAboutSize } from '../escalation/is-about-size.js';
import { isObsolete } from '../escalation/is-obsolete.js';
import { suggestChoices } from '../escalation/suggest.js';
import { undoChoices } from '../escalation/undo-choice.js';
import type { Escalation } from '../ledger/escalation.js';
import type { Stored } from '../ledger/record-reads.js';
import { scheduleItem } from '../ledger/schedule-item.js';
import type { Write } from '../ledger/transaction.js';

/** A message that people would get. */
export interface Message {
  readonly atMs: number;
  /** `undefined`: the channel for whatever names no other (`SLACK_CHANNEL`). */
  readonly channel: string | undefined;
  readonly title: string;
  readonly text: string;
  /** What it is about, with the choices that people have. */
  readonly escalation: Escalation;
}

/** Hands a message out instead of posting it, the first time that it is due; nothing is edited. */
export async function showMessage(
  context: EngineContext,
  id: string,
  onMessage: ((message: Message) => void) | undefined,
): Promise<void> {
  const { ledger, clock } = context;
  const nowMs = clock.now();
  const done: Write = ['ZREM', ledger.keys.schedule, scheduleItem('message', id)];
  const stored = onMessage === undefined ? null : await ledger.escalation(id);
  if (
    onMessage === undefined ||
    stored === null ||
    stored.value.posted !== null ||
    isObsolete(stored.value)
  ) {
    await ledger.commit({ checks: [], writes: [done], nowMs });
    return;
  }
  const escalation = await withChoices(context, stored);
  const { channel, title, detail: text } = escalation;
  const posted = { channel: channel ?? '', ts: String(nowMs) };
  const { check, writes } = ledger.saveEscalation(stored, { ...escalation, posted }, null);
  const result = await ledger.commit({ checks: [check], writes: [...writes, done], nowMs });
  if (result.kind === 'committed') onMessage({ atMs: nowMs, channel, title, text, escalation });
}

async function withChoices(
  { actions, workerAsg, active, ledger }: EngineContext,
  { value }: Stored<Escalation>,
): Promise<Escalation> {
  if (value.choices !== null || value.state !== 'open') return value;
  const { labels, annotations } = value;
  const { policy, jobOffers } = active();
  const { bounds } = policy;
  const first = await undoChoices(ledger, value);
  const isWanted = () => isAboutSize(value);
  const jobs = jobOffers?.matching(labels) ?? [];
  const options = { actions, labels, annotations, workerAsg, bounds, first, isWanted, jobs };
  const { choices, note } = await suggestChoices(options);
  return { ...value, choices, detail: [value.detail, note].filter(Boolean).join('\n') };
}

import { isObsolete } from '../escalation/is-obsolete.js';
import type { Escalation } from '../ledger/escalation.js';
import { createEvidenceStore } from '../ledger/evidence.js';
import type { Ledger } from '../ledger/ledger.js';
import { executed } from '../ledger/pipeline.js';
import type { StoredEscalation } from '../ledger/record-reads.js';
import type { StoredThread, Thread } from '../ledger/thread.js';
import type { GroupInput } from './group.js';
import type { MessageInput } from './message.js';
import { maxReplies, type Threads } from './threads.js';

/** What the message of a thread is made of, as it is in the ledger. */
export interface ThreadView {
  readonly stored: StoredThread;
  readonly group: Omit<GroupInput, 'notes' | 'link'>;
  /** Those that are open and may have a message each: plans first, then the oldest. */
  readonly questions: readonly StoredEscalation[];
  /** The only escalation that it ever had; `null`: there are several. */
  readonly only: StoredEscalation | null;
  /** Someone still has to hear of it, whether or not it was posted. */
  readonly isNews: boolean;
}

/** As many open ones are counted exactly; what fires beyond them is left out. */
const maxCounted = 1_000;
const namedAtMost = 10;

/** Reads a thread with what its message shows; `null`: there is no such thread. */
export async function viewThread(
  ledger: Ledger,
  threads: Threads,
  threadId: string,
): Promise<ThreadView | null> {
  const { keys, redis } = ledger;
  const stored = await threads.read(threadId);
  if (stored === null) return null;
  const openIds = await redis.zrange(keys.threadOpen(threadId), '0', String(maxCounted - 1));
  const latestIds = await redis.zrevrange(keys.threadMembers(threadId), 0, maxReplies - 1);
  const questions = await readAll(ledger, openIds.slice(0, maxReplies));
  const latest = openIds.length > 0 ? [] : await readAll(ledger, latestIds);
  const shown = questions.length > 0 ? questions.slice(0, namedAtMost) : latest.slice(0, 1);
  const named = await Promise.all(shown.map((one) => withRun(ledger, one)));
  const others = await ledger.escalations(openIds.slice(maxReplies));
  const counted = [...questions.map(({ value }) => value), ...others.values()];
  const cases = new Set(counted.map(({ caseId }) => caseId));
  const only = stored.members === 1 ? (questions[0] ?? latest[0] ?? null) : null;
  return {
    stored,
    group: {
      createdAtMs: stored.value.createdAtMs,
      members: stored.members,
      open: stored.open,
      firing: await countFiring(ledger, cases),
      named,
    },
    questions,
    only,
    isNews:
      questions.length > 0 ||
      latest.some(({ value }) => value.posted === null && !isObsolete(value)),
  };
}

/** An escalation with the run that it is about and, while it is open, what was found about it. */
export async function withRun(
  ledger: Ledger,
  { value: escalation, joined, openEpisodes }: StoredEscalation,
): Promise<MessageInput> {
  const { id, runId, state } = escalation;
  const [run, evidence] = await Promise.all([
    runId === null ? null : ledger.run(runId),
    state === 'open' ? createEvidenceStore(ledger).read(id) : null,
  ]);
  return { escalation, joined, openEpisodes, run: run?.value ?? null, evidence };
}

/**
 * Whether an escalation has a message of its own in the thread. One that is alone in it does not: the
 * thread's message shows it. An approval always has, so that its buttons stand beside what they do.
 *
 * @param isAmongFirst whether it is one of the oldest that are open
 */
export function hasReply(
  { value, members }: StoredThread,
  escalation: Escalation,
  isAmongFirst: boolean,
): boolean {
  if (value.group === null) return false;
  if (members === 1 && escalation.kind !== 'approval') return false;
  if (isReply(value, escalation)) return true;
  return escalation.state === 'open' ? isAmongFirst : !isObsolete(escalation);
}

/** Whether it was posted to the thread; else the thread's message shows it, if anything does. */
export function isReply({ root }: Thread, { posted }: Escalation): boolean {
  return posted !== null && posted.ts !== root?.ts;
}

async function readAll(ledger: Ledger, ids: readonly string[]): Promise<StoredEscalation[]> {
  const all = await Promise.all(ids.map((id) => ledger.escalation(id)));
  return all.filter((stored) => stored !== null);
}

async function countFiring({ keys, redis }: Ledger, cases: ReadonlySet<string>): Promise<number> {
  if (cases.size === 0) return 0;
  const pipeline = redis.pipeline();
  for (const id of cases) pipeline.scard(keys.caseOpen(id));
  const counts = (await executed(pipeline)) as number[];
  return counts.reduce((sum, count) => sum + count, 0);
}

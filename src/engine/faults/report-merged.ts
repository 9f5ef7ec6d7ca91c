import { gatherMs } from '../../escalation/lease.js';
import type { Reason } from '../../ledger/reason.js';
import { conflict, retryOnConflict } from '../../ledger/retry-on-conflict.js';
import { scheduleItem } from '../../ledger/schedule-item.js';
import type { EngineContext } from '../context/context.js';
import { faultSubject, reportFault } from './report-fault.js';

interface Merged {
  readonly reason: Reason;
  readonly title: string;
  readonly about: readonly string[];
  /** What happened this time. */
  readonly fault: string;
}

/** What an open report remembers of the faults that it counts. */
interface Memory {
  readonly count: number;
  /** The latest ones, newest first. */
  readonly latest: readonly string[];
}

const maxLatest = 20;
const shown = 3;

/**
 * Tells a person of a fault, or counts it in the report about the same that is open still. The report
 * shows the latest; one that it remembers is not counted again, however often it is delivered.
 */
export async function reportMerged(context: EngineContext, merged: Merged): Promise<void> {
  const { ledger, clock, wake } = context;
  const { reason, title, about, fault } = merged;
  await retryOnConflict(`the report "${title}"`, async () => {
    const id = await ledger.redis.get(ledger.keys.subject(faultSubject(about)));
    const stored = id === null ? null : await ledger.escalation(id);
    if (stored === null) {
      return (await reportFault(context, reason, title, fault, about)) ? undefined : conflict;
    }
    const nowMs = clock.now();
    const key = ledger.keys.escalation(stored.value.id);
    const found = await ledger.redis.hget(key, 'faults');
    const known: Memory =
      found === null ? { count: 1, latest: [stored.value.detail] } : JSON.parse(found);
    if (known.latest.some((each) => each === fault || each.startsWith(fault))) return undefined;
    const count = known.count + 1;
    const latest = [fault, ...known.latest].slice(0, maxLatest);
    const detail = [`${count} times so far. The latest:`, ...latest.slice(0, shown)].join('\n\n');
    const messageAtMs = nowMs + gatherMs;
    const save = ledger.saveEscalation(stored, { ...stored.value, detail }, null);
    const memory: Memory = { count, latest };
    const result = await ledger.commit({
      checks: [save.check],
      writes: [
        ...save.writes,
        ['HSET', key, 'faults', JSON.stringify(memory)],
        // one that is due already is not put off
        ['ZADD', ledger.keys.schedule, 'NX', messageAtMs, scheduleItem('message', stored.value.id)],
      ],
      nowMs,
    });
    if (result.kind !== 'committed') return conflict;
    return wake(scheduleItem('message', stored.value.id), messageAtMs);
  });
}

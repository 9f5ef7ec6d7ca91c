import {
  readScheduleItem,
  type ScheduleItem,
  type ScheduleKind,
} from '../../ledger/schedule-item.js';
import { messageOf } from '../../lib/errors.js';
import type { EngineContext } from '../context/context.js';
import { reportFault } from './report-fault.js';

const firstDelayMs = 60_000;
const maxDelayMs = 3_600_000;

/** What an item of the schedule is, as a person calls it. */
const names: Readonly<Partial<Record<ScheduleKind, string>>> = {
  episode: 'Alert not decided',
  case: 'Case not closed',
  expiry: 'Question not closed',
  silence: 'Silence not requested',
  reminder: 'Reminder not sent',
};

/**
 * Looking at an item of the schedule failed again and again, by a fault of the engine's own: a person
 * is told once, and it is looked at again later each time.
 */
export async function retryLater(
  context: EngineContext,
  item: ScheduleItem,
  error: unknown,
): Promise<void> {
  const { ledger, clock, log } = context;
  const { kind, id } = readScheduleItem(item);
  const nowMs = clock.now();
  const key = ledger.keys.stuck(item);
  const count = await ledger.redis.incr(key);
  const delayMs = Math.min(firstDelayMs * 2 ** (count - 1), maxDelayMs);
  await ledger.redis.pexpire(key, 2 * delayMs);
  await ledger.commit({
    checks: [],
    writes: [['ZADD', ledger.keys.schedule, 'XX', nowMs + delayMs, item]],
    nowMs,
  });
  log.error(
    { item, fault: messageOf(error), againInMs: delayMs },
    'item set aside after a failure',
  );
  await reportFault(
    context,
    'internal_error',
    names[kind] ?? 'Internal error',
    `${await nameOf(context, kind, id)}: ${messageOf(error)}\nJidoka tries again at least once an hour.`,
    [item],
  );
}

async function nameOf({ ledger }: EngineContext, kind: string, id: string): Promise<string> {
  if (kind !== 'episode') return `${kind} ${id}`;
  const [stored] = await ledger.episodes([id]);
  if (stored == null) return `alert ${id}`;
  const { alertname, service, asg, instance } = stored.value.labels;
  return [alertname, service || asg || instance, `(alert ${stored.value.id})`]
    .filter(Boolean)
    .join(' ');
}

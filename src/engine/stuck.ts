import { messageOf } from '../errors.js';
import type { EngineParts } from './parts.js';
import { reportFault } from './report-fault.js';

const firstDelayMs = 60_000;
const longestDelayMs = 3_600_000;

/** What an item of the agenda is, as a person calls it. */
const names: Readonly<Record<string, string>> = {
  episode: 'An alert cannot be decided',
  case: 'A case cannot be brought to its end',
  expiry: 'A question cannot be closed',
  silence: 'A silence cannot be asked for',
  reminder: 'People cannot be reminded of a question',
};

/**
 * Looking at an item of the agenda failed again and again, by a fault of the engine's own: a person
 * is told once, and it is looked at again later each time.
 */
export async function setAside(
  parts: EngineParts,
  [kind, id]: readonly [kind: string, id: string],
  error: unknown,
): Promise<void> {
  const { ledger, clock, log } = parts;
  const item = `${kind}:${id}`;
  const nowMs = clock.now();
  const key = ledger.keys.stuck(item);
  const count = await ledger.redis.incr(key);
  const delayMs = Math.min(firstDelayMs * 2 ** (count - 1), longestDelayMs);
  await ledger.redis.pexpire(key, 2 * delayMs);
  await ledger.commit({
    checks: [],
    writes: [['ZADD', ledger.keys.agenda, 'XX', nowMs + delayMs, item]],
    nowMs,
  });
  log.error({ item, fault: messageOf(error), againInMs: delayMs }, 'set aside');
  await reportFault(
    parts,
    'internal_error',
    names[kind] ?? 'Something cannot be done',
    `${await nameOf(parts, kind, id)}: ${messageOf(error)}\nIt is tried again, at least once an hour.`,
    [item],
  );
}

async function nameOf({ ledger }: EngineParts, kind: string, id: string): Promise<string> {
  if (kind !== 'episode') return `${kind} ${id}`;
  const [stored] = await ledger.episodes([id]);
  if (stored == null) return `alert ${id}`;
  const { alertname, service, asg, instance } = stored.value.labels;
  return [alertname, service || asg || instance, `(alert ${stored.value.id})`]
    .filter(Boolean)
    .join(' ');
}

import { draftFault } from '../../escalation/draft.js';
import { type Pause, pauseField } from '../../guard/pause.js';
import { createPauses } from '../../guard/pauses.js';
import type { AnyLedger } from '../../ledger/ledger.js';
import type { Check, Write } from '../../ledger/transaction.js';
import type { Clock } from '../../lib/clock.js';
import { shortHash } from '../../lib/short-hash.js';
import { formatTime } from '../../lib/time.js';

interface Restored {
  /** What happened, in a few words; the title of the report. */
  readonly title: string;
  /** How it is known, in a sentence. */
  readonly why: string;
  /** What a person should do about it. */
  readonly advice: string;
  readonly by: string;
  /** What was lost ends here: anyone who recorded a restore after it has recorded this one. */
  readonly lostUntilMs: number;
  /** Where people are told; `undefined`: in the default channel. */
  readonly channel: string | undefined;
}

interface LedgerContext {
  readonly ledger: AnyLedger;
  readonly clock: Clock;
}

const pauseOfAll = pauseField({ of: 'everything' });
const byEngine = 'jidoka';

/**
 * Records that the ledger was restored, lost or replaced: it does not know what was done before. Pauses
 * everything automatic until a person has looked, and reports it to people. Gives back the escalation's
 * id; `null`: it is recorded or accepted already.
 */
export async function recordRestored(
  { ledger, clock }: LedgerContext,
  { title, why, advice, by, lostUntilMs, channel }: Restored,
): Promise<string | null> {
  const { keys, redis } = ledger;
  const before = await redis.get(keys.restoredAt);
  if (before !== null && Number(before) >= lostUntilMs) return null;
  const paused = readPause(await redis.hget(keys.pauses, pauseOfAll));
  const nowMs = clock.now();
  const subject = shortHash(`restored ${nowMs}`);
  const detail = `${why}\nEverything automatic is paused. Jidoka still accepts and records alerts. ${advice}`;
  const report = draftFault('restored', title, detail, subject, {
    id: ledger.newId(),
    channel,
    expiresAtMs: null,
    nowMs,
  });
  const save = ledger.saveEscalation(null, report, nowMs);
  const result = await ledger.commit({
    checks: [save.check, unchanged(keys.restoredAt, before)],
    writes: [
      ...save.writes,
      ['SET', keys.restoredAt, nowMs],
      ...pauseAfterRestore(ledger, { why, paused, nowMs }),
      ledger.audit({
        atMs: nowMs,
        subject: 'cell',
        id: 'ledger',
        event: 'restored',
        reason: 'restored',
        detail: why,
        by,
      }),
    ],
    nowMs,
  });
  return result.kind === 'committed' ? report.id : null;
}

/**
 * Accepts the ledger as it is: engines that worked with another one before do not pause for it, and the
 * pause that a restore brought is lifted. Pauses of people stay. Gives back whether one was lifted.
 */
export async function acceptLedger({ ledger, clock }: LedgerContext, by: string): Promise<boolean> {
  const { keys, redis } = ledger;
  const nowMs = clock.now();
  await ledger.commit({
    checks: [],
    writes: [
      ['SET', keys.restoredAt, nowMs],
      ledger.audit({ atMs: nowMs, subject: 'cell', id: 'ledger', event: 'accepted', by }),
    ],
    nowMs,
  });
  const paused = readPause(await redis.hget(keys.pauses, pauseOfAll));
  if (paused?.by !== byEngine) return false;
  return (await createPauses({ ledger, clock }).lift({ of: 'everything' }, { by })) !== null;
}

function unchanged(key: string, value: string | null): Check {
  return value === null ? { kind: 'absent', key } : { kind: 'string', key, value };
}

/**
 * The pause of everything, until a person lifts it. One of a person that lasts as long stays theirs; one
 * with an end is named in it, so that anyone who lifts it knows.
 */
function pauseAfterRestore(
  { keys, audit }: AnyLedger,
  about: { readonly why: string; readonly paused: Pause | null; readonly nowMs: number },
): Write[] {
  const { paused, nowMs } = about;
  if (paused !== null && paused.untilMs === null) return [];
  const before =
    paused !== null && Number(paused.untilMs) > nowMs
      ? ` ${paused.by} had paused everything until ${formatTime(Number(paused.untilMs))}: ${paused.why}`
      : '';
  const why = `${about.why}${before}`;
  const pause: Pause = { of: 'everything', by: byEngine, why, sinceMs: nowMs, untilMs: null };
  return [
    ['HSET', keys.pauses, pauseOfAll, JSON.stringify(pause)],
    audit({
      atMs: nowMs,
      subject: 'guard',
      id: `pause:${pauseOfAll}`,
      event: 'paused',
      reason: 'paused',
      detail: why,
      by: byEngine,
    }),
  ];
}

/** `null`: there is none, or it cannot be read. */
function readPause(text: string | null): Pause | null {
  try {
    return text === null ? null : (JSON.parse(text) as Pause);
  } catch {
    return null;
  }
}

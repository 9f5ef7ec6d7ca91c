import { createHash } from 'node:crypto';
import type { Clock } from '../clock.js';
import { draftFault } from '../escalation/draft.js';
import { type Pause, pauseField } from '../guard/pause.js';
import type { AnyLedger } from '../ledger/ledger.js';
import type { Check, Write } from '../ledger/transaction.js';

interface Restored {
  /** How it is known, in a sentence. */
  readonly why: string;
  readonly by: string;
  /** What was lost ends here: whoever recorded a restore after it has recorded this one. */
  readonly lostUntilMs: number;
  /** Where people are told; `undefined`: in the default channel. */
  readonly channel: string | undefined;
}

/**
 * Records that the ledger was restored from a backup: what was done since the backup is not in it.
 * So everything automatic is paused until a person has looked, and a person is told. Gives back the
 * escalation's id; `null`: somebody else has recorded it.
 */
export async function recordRestored(
  { ledger, clock }: { readonly ledger: AnyLedger; readonly clock: Clock },
  { why, by, lostUntilMs, channel }: Restored,
): Promise<string | null> {
  const key = ledger.keys.restoredAt;
  const before = await ledger.redis.get(key);
  if (before !== null && Number(before) >= lostUntilMs) return null;
  const unchanged: Check =
    before === null ? { kind: 'absent', key } : { kind: 'string', key, value: before };
  const nowMs = clock.now();
  const subject = createHash('sha256').update(`restored ${nowMs}`).digest('hex').slice(0, 32);
  const report = draftFault(
    'restored',
    'The ledger was restored from a backup',
    `${why}\nWhat was done since that backup is not known here, so everything automatic is paused. Alerts are still taken in and recorded. Look at what the services and groups are at now, then lift the pause of everything.`,
    subject,
    { id: ledger.newId(), channel, expiresAtMs: null, nowMs },
  );
  const save = ledger.saveEscalation(null, report, nowMs);
  const result = await ledger.commit({
    checks: [save.check, unchanged],
    writes: [
      ...save.writes,
      ['SET', key, nowMs],
      ...pauseAfterRestore(ledger, why, nowMs),
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

/** The pause of everything, until a person lifts it. */
function pauseAfterRestore({ keys, audit }: AnyLedger, why: string, nowMs: number): Write[] {
  const of = 'everything';
  const pause: Pause = { of, by: 'jidoka', why, sinceMs: nowMs, untilMs: null };
  const field = pauseField(pause);
  return [
    ['HSET', keys.pauses, field, JSON.stringify(pause)],
    audit({
      atMs: nowMs,
      subject: 'guard',
      id: `pause:${field}`,
      event: 'paused',
      reason: 'paused',
      detail: why,
      by: pause.by,
    }),
  ];
}

import type { PlaybookStatus } from '../../engine/reports/playbook-status.js';
import type { Allowance } from '../../guard/allowances.js';
import {
  type PlaybookStats,
  ranOf,
  type StatCounts,
  tookOf,
} from '../../ledger/playbook-stats-reads.js';
import { formatDuration } from '../../lib/time.js';
import type { Mode, Playbook } from '../../playbook/playbook.js';
import type { Tone } from '../components/badge.js';

/** How many days the pages look back. */
export const shownDays = 30;

/** A mode with its colour, and what it means. */
export const modes: Readonly<Record<Mode, { readonly tone: Tone; readonly means: string }>> = {
  shadow: { tone: 'calm', means: 'decides, and changes nothing' },
  approve: { tone: 'busy', means: 'each run requires approval' },
  auto: { tone: 'good', means: 'acts automatically, within its bounds and guards' },
};

/** What holds a playbook now, in a word or two each; empty: nothing does. */
export function holdsOf(
  standing: PlaybookStatus,
): readonly { readonly tone: Tone; readonly word: string }[] {
  const { pauses, breaker, windows, allowances } = standing;
  return [
    ...(pauses.length > 0 ? [{ tone: 'warn' as const, word: 'Paused' }] : []),
    ...(breaker !== null ? [{ tone: 'bad' as const, word: 'Breaker open' }] : []),
    ...(windows.length > 0 ? [{ tone: 'warn' as const, word: 'In a window' }] : []),
    ...(allowances.some(isUsedUp) ? [{ tone: 'warn' as const, word: 'Limit reached' }] : []),
  ];
}

/** Whether nothing is left of a limit now. */
export function isUsedUp({ freeAtMs }: Allowance): boolean {
  return freeAtMs !== null;
}

/** What came of a playbook over the days that were read, in a sentence. */
export function resultsOf({ ignore, mode }: Playbook, { days }: PlaybookStats): string {
  const counts = sumOf(days);
  if (ignore) return `ignored ${counts.ignored} alerts`;
  if (ranOf(counts) === 0) {
    if (mode === 'shadow') return `would have taken ${counts.shadowed} alerts`;
    return counts.asked === 0 ? 'has not run' : `asked ${times(counts.asked)}, has not run`;
  }
  const bad = counts.failed + counts.unknown;
  return [
    `ran ${times(ranOf(counts))}`,
    `helped ${counts.helped}`,
    ...(bad === 0 ? [] : [`did not help ${bad}`]),
    ...(counts.undone === 0 ? [] : [`undone ${counts.undone}`]),
  ].join(', ');
}

/** How long it took until the playbook helped; `undefined`: it has not. */
export function tookInWords(counts: StatCounts): string | undefined {
  const took = tookOf(counts);
  if (took === null) return undefined;
  const mean = formatDuration(Math.max(1_000, Math.round(took.meanMs / 1_000) * 1_000));
  const half =
    took.halfWithinMs === null
      ? 'half of them longer than 30m'
      : `half within ${formatDuration(took.halfWithinMs)}`;
  return `${mean} on average, ${half}`;
}

/** The counts of several days together. */
export function sumOf(days: PlaybookStats['days']): StatCounts {
  const sum: Record<string, number> = {};
  for (const { counts } of days) {
    for (const [name, count] of Object.entries(counts)) sum[name] = (sum[name] ?? 0) + count;
  }
  return sum as StatCounts;
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

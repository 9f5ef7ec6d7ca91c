import { dailyStatWrites, lastDays } from '../dist/ledger/daily-stats.js';
import { countRun } from '../dist/ledger/playbook-stats.js';

/*
 * Made-up figures of the four weeks before today, for pictures: counted as the ledger counts them, and
 * the same each time.
 */

const dayMs = 24 * 3_600_000;
/** What reached people, and on which days: each `every`th, beginning with `from`. */
const troubles = [
  { labels: { alertname: 'CheckoutQueueGrows', service: 'shop_web' }, every: 2, from: 0 },
  { labels: { alertname: 'DiskFillsUp', job: 'node' }, every: 3, from: 1 },
  { labels: { alertname: 'CertificateExpires', service: 'edge_proxy' }, every: 9, from: 4 },
];

/** Counts a past for a playbook and for all alerts. */
export async function fillFigures({ ledger, playbook, nowMs }) {
  const { keys } = ledger;
  const past = lastDays(29, nowMs).slice(0, -1);
  for (const [index, day] of past.entries()) {
    const atMs = nowMs - (past.length - index) * dayMs;
    const reached = new Map(
      troubles
        .filter(({ every, from }) => index % every === from % every)
        .map(({ labels }) => [JSON.stringify(labels), 1]),
    );
    const byMachine = 4 + ((index * 7) % 5);
    // the longer it is there, the more often somebody has only to click
    const clicks = Math.min(reached.size, Math.floor(index / 10));
    const ends = new Map(
      [
        ['by_machine', byMachine],
        ['by_click', clicks],
        ['by_people', reached.size - clicks],
        ['by_itself', (index * 3) % 4],
        ['ignored', index % 2],
      ].filter(([, count]) => count > 0),
    );
    const runs = Array.from({ length: 1 + ((index * 5) % 4) }, (_, run) =>
      ended(playbook, atMs - run * 600_000, (index + run) % 11 !== 3),
    );
    await ledger.commit({
      checks: [],
      writes: [
        ...dailyStatWrites(keys, day, ends, reached),
        ...runs.flatMap((run) => countRun(keys, { ...run, state: 'settling' }, run)),
      ],
      nowMs,
    });
  }
}

/** A run as it ends, as far as it is counted by it. */
function ended(playbook, endedAtMs, hasHelped) {
  return {
    origin: { kind: 'playbook', playbook },
    state: 'ended',
    escalationId: null,
    attempts: [{ undo: false, appliedAtMs: endedAtMs - 150_000 }],
    endedAtMs,
    outcome: hasHelped
      ? { kind: 'done', reason: 'resolved' }
      : { kind: 'failed', reason: 'exhausted' },
  };
}

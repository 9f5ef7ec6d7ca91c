import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Alert } from '../../../../src/alertmanager/alert.js';
import { applyAlert, type Effect } from '../../../../src/engine/episode/apply-alert.js';
import type { Episode } from '../../../../src/ledger/episode.js';

const delivery = { identity: 'f00d', source: 's', groupKey: 'g', externalUrl: '' };

/** A firing and a resolved of each of some occurrences, one after the other, as two replicas report them. */
function reportsOf(occurrences: number): Alert[] {
  return Array.from({ length: occurrences }).flatMap((_, index) =>
    ['a', 'b'].flatMap((fingerprint): Alert[] => {
      const startsAtMs = 100 * (index + 1);
      const rest = { labels: {}, annotations: {}, generatorUrl: '', fingerprint, startsAtMs };
      return [
        { ...rest, status: 'firing', endsAtMs: null },
        { ...rest, status: 'resolved', endsAtMs: startsAtMs + 50 },
      ];
    }),
  );
}

/** Any reports, in any order, each any number of times: what retries, HA pairs and partitions make of them. */
const anyDeliveries = (occurrences: number) =>
  fc.array(fc.constantFrom(...reportsOf(occurrences)), { minLength: 1, maxLength: 40 });

function deliver(alerts: readonly Alert[]) {
  const steps: { before: Episode | null; after: Episode; effect: Effect; alert: Alert }[] = [];
  let before: Episode | null = null;
  for (const [index, alert] of alerts.entries()) {
    const { episode, effect } = applyAlert(before, alert, {
      ...delivery,
      receivedAtMs: 10_000 + index,
      nowMs: 10_000 + index,
    });
    steps.push({ before, after: episode, effect, alert });
    before = episode;
  }
  return steps;
}

const number = (episode: Episode) => Number(episode.id.split('-')[1]);

test('one occurrence is one episode, however its reports are repeated and shuffled', () => {
  fc.assert(
    fc.property(anyDeliveries(1), (alerts) => {
      for (const { after } of deliver(alerts)) expect(after.id).toBe('f00d-1');
    }),
  );
});

test('there are never more episodes than occurrences, and their numbers only grow', () => {
  fc.assert(
    fc.property(anyDeliveries(3), (alerts) => {
      for (const { before, after } of deliver(alerts)) {
        expect(number(after)).toBeLessThanOrEqual(3);
        if (before !== null) expect(number(after)).toBeGreaterThanOrEqual(number(before));
      }
    }),
  );
});

test('an episode is open exactly while it has members that fire', () => {
  fc.assert(
    fc.property(anyDeliveries(3), (alerts) => {
      for (const { after } of deliver(alerts)) {
        expect(after.state === 'open').toBe(Object.keys(after.members).length > 0);
        expect(after.closedAtMs === null).toBe(after.state === 'open');
      }
    }),
  );
});

test('every delivery is counted, and no resolved ever opens', () => {
  fc.assert(
    fc.property(anyDeliveries(3), (alerts) => {
      for (const { before, after, effect, alert } of deliver(alerts)) {
        const same = before?.id === after.id;
        expect(after.deliveries).toBe(same ? (before?.deliveries ?? 0) + 1 : 1);
        if (alert.status === 'resolved' && before?.state !== 'open') {
          expect(after.state).toBe('closed');
        }
        expect(effect === 'opened' || effect === 'reopened' || effect === 'repeated').toBe(
          alert.status === 'firing',
        );
      }
    }),
  );
});

test('when the last reports of both replicas are that they resolved, the episode is closed', () => {
  const reports = reportsOf(3);
  const last = reports.filter((alert) => alert.status === 'resolved').slice(-2);
  fc.assert(
    fc.property(anyDeliveries(3), (alerts) => {
      expect(deliver([...alerts, ...last]).at(-1)?.after.state).toBe('closed');
    }),
  );
});

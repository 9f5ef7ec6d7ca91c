import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Alert } from '../../../src/alertmanager/alert.js';
import { applyAlert, maxMembers, otherMembers } from '../../../src/engine/episode/apply-alert.js';
import type { Episode } from '../../../src/ledger/episode.js';
import { createScratch, type Scratch } from '../../../src/ledger/scratch.js';
import { cpuMs } from '../../support/cpu-ms.js';

/* One alert of very many replicas: they differ in labels that do not count, so they are one episode. */

const replicas = 10_000;

function alert(number: number, status: Alert['status'], atMs: number): Alert {
  return {
    status,
    labels: { alertname: 'Slow', replica: String(number) },
    annotations: {},
    startsAtMs: status === 'firing' ? atMs : 1,
    endsAtMs: status === 'firing' ? null : atMs,
    generatorUrl: '',
    fingerprint: number.toString(16).padStart(16, '0'),
  };
}

/** Takes alerts into an episode as one notification brings them. */
function takeAll(
  before: Episode | null,
  alerts: readonly Alert[],
  receivedAtMs: number,
  scratch?: Scratch,
) {
  const delivery = { identity: 'i', source: 'alertmanager', groupKey: '', externalUrl: '' };
  return alerts.reduce<Episode | null>((episode, each) => {
    return applyAlert(episode, each, { ...delivery, receivedAtMs, nowMs: receivedAtMs }, scratch)
      .episode;
  }, before);
}

const all = (count: number, status: Alert['status'], atMs: number) =>
  Array.from({ length: count }, (_, number) => alert(number, status, atMs));

test('a crowd of replicas keeps its record small, and is taken in at once', async () => {
  let firing: Episode | null = null;
  let resolved: Episode | null = null;
  const took = await cpuMs(() => {
    firing = takeAll(null, all(replicas, 'firing', 1), 10, createScratch());
    resolved = takeAll(firing, all(replicas, 'resolved', 20), 30, createScratch());
  });
  expect(took).toBeLessThan(5_000);
  expect(JSON.stringify(firing).length).toBeLessThan(60_000);
  expect(JSON.stringify(resolved).length).toBeLessThan(120_000);
});

test('a crowd that cannot be counted is not taken as resolved by those that can', () => {
  const firing = takeAll(null, all(maxMembers + 1, 'firing', 1), 10, createScratch());
  expect(Object.keys(firing?.members ?? {})).toHaveLength(maxMembers + 1);
  expect(firing?.members).toHaveProperty([otherMembers]);
  const resolved = takeAll(firing, all(maxMembers + 1, 'resolved', 20), 30, createScratch());
  expect([resolved?.state, resolved?.members]).toEqual(['open', { [otherMembers]: 1 }]);
});

test('as many as are told apart close with the last of them', () => {
  const firing = takeAll(null, all(maxMembers, 'firing', 1), 10, createScratch());
  const most = takeAll(firing, all(maxMembers - 1, 'resolved', 20), 30, createScratch());
  expect(most?.state).toBe('open');
  const last = takeAll(most, [alert(maxMembers - 1, 'resolved', 21)], 31, createScratch());
  expect(last).toMatchObject({ state: 'closed', members: {} });
});

test('what was read is not changed, and many at once end as one by one', () => {
  const deliveries = fc.array(
    fc.record({
      number: fc.nat(4),
      status: fc.constantFrom('firing' as const, 'resolved' as const),
      atMs: fc.nat(60),
    }),
    { maxLength: 20 },
  );
  fc.assert(
    fc.property(deliveries, deliveries, (earlier, later) => {
      const read = (list: typeof earlier) =>
        list.map(({ number, status, atMs }) => alert(number, status, atMs));
      const before = takeAll(null, read(earlier), 50);
      const copy = structuredClone(before);
      const together = takeAll(before, read(later), 60, createScratch());
      expect(before).toEqual(copy);
      expect(together).toEqual(takeAll(before, read(later), 60));
    }),
  );
});

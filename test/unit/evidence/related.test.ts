import { expect, test } from 'vitest';
import { createRelatedReader } from '../../../src/evidence/related.js';
import type { EvidenceSubject } from '../../../src/evidence/subject.js';
import type { Episode } from '../../../src/ledger/episode.js';
import type { Ledger } from '../../../src/ledger/ledger.js';

test('many alerts of one name do not hide that others fire about the same service', async () => {
  const names = [...Array.from({ length: 12 }, () => 'Slow'), 'Full', 'Down'];
  const episodes = names.map((alertname, index) => ({
    value: {
      id: `alert-${index}`,
      state: 'open',
      labels: { alertname, service: 'web', instance: String(index) },
      ...{ cases: [], groupKey: '', openedAtMs: index },
    } as unknown as Episode,
  }));
  const ledger = {
    redis: { zrevrange: async () => episodes.map(({ value }) => value.id) },
    keys: { openEpisodes: 'open' },
    episodes: async () => episodes,
  } as unknown as Ledger;
  const readRelated = createRelatedReader({ ledger, clock: { now: () => 0 } });
  const subject = { caseId: 'own', labels: { alertname: 'Odd', service: 'web' }, firing: [] };
  const { alerts, total } = await readRelated(subject as unknown as EvidenceSubject);
  expect(total).toBe(14);
  expect(alerts).toHaveLength(10);
  expect(alerts.slice(0, 3).map(({ labels }) => labels.alertname)).toEqual([
    'Slow',
    'Full',
    'Down',
  ]);
});

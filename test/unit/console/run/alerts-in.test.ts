import { expect, test } from 'vitest';
import { alertsIn } from '../../../../src/console/run/alerts-in.js';

const first = `${'a'.repeat(32)}-1`;
const second = `${'b'.repeat(32)}-12`;

test('the alerts of a run are those that began it or joined it, each once', () => {
  const records = [
    { event: 'admitted', detail: `scale-up for ${first}` },
    { event: 'joined', detail: second },
    { event: 'joined', detail: first },
    { event: 'applying', detail: second },
    { event: 'joined' },
  ].map((record) => ({ ...record, atMs: 0, subject: 'run' as const, id: 'r1' }));
  expect(alertsIn(records)).toEqual([first, second]);
});

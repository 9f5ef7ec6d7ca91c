import { expect, test } from 'vitest';
import { alertsIn } from '../../../../src/console/run/alerts-in.js';

test('the alerts of a run are those that began it or joined it, each once', () => {
  const records = [
    { event: 'admitted', detail: 'scale-up for first', alert: 'first' },
    { event: 'joined', alert: 'second' },
    { event: 'joined', alert: 'first' },
    { event: 'applying', detail: 'third' },
  ].map((record) => ({ ...record, atMs: 0, subject: 'run' as const, id: 'r1' }));
  expect(alertsIn(records)).toEqual(['first', 'second']);
});

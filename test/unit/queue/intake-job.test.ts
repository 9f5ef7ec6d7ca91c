import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseNotification } from '../../../src/alertmanager/payload.js';
import type { Received } from '../../../src/alertmanager/received.js';
import {
  jobOf,
  notificationsOf,
  postedText,
  receivedText,
  type Text,
} from '../../../src/queue/intake-job.js';

const posted = {
  version: '4',
  groupKey: '{}:{alertname="Slow"}',
  receiver: 'jidoka',
  status: 'firing',
  externalURL: 'http://alertmanager',
  alerts: [{ anything: 'é 🚨' }, 'broken'],
  added_later: true,
};
const made: Received = {
  source: 'jenkins',
  receivedAtMs: 2,
  notification: parseNotification(posted),
  commandNumber: 7,
};

/** A job's notifications, as a worker reads them. */
function read(entries: readonly Text[]) {
  return notificationsOf(JSON.parse(jobOf(entries).data.toString()));
}

test('what was posted and what the engine made lie in one job, in their order', () => {
  const body = Buffer.from(` ${JSON.stringify(posted, null, 2)}\n`);
  const entries = [postedText({ receivedAtMs: 1, body }), receivedText(made)];
  const first = {
    source: 'alertmanager',
    receivedAtMs: 1,
    notification: parseNotification(posted),
  };
  expect(read(entries)).toEqual([first, made]);
  expect(read(entries.slice(0, 1))).toEqual([first]);
});

test('what Grafana posted comes from Grafana', () => {
  const body = Buffer.from(JSON.stringify({ ...posted, version: '1' }));
  expect(read([postedText({ receivedAtMs: 1, body })])).toMatchObject([{ source: 'grafana' }]);
});

test('whatever its alerts hold, a notification is read from the job as from its own text', () => {
  fc.assert(
    fc.property(fc.array(fc.json()), (alerts) => {
      const text = `{"version":"4","groupKey":"g","receiver":"r","status":"firing","alerts":[${alerts.join()}]}`;
      const entry = postedText({ receivedAtMs: 1, body: Buffer.from(text) });
      const notification = parseNotification(JSON.parse(text));
      expect(read([entry])).toEqual([{ source: 'alertmanager', receivedAtMs: 1, notification }]);
    }),
  );
});

test('what is large is packed to a fraction, and read as it was', () => {
  const entries = Array.from({ length: 100 }, () => receivedText(made));
  const { name, data } = jobOf(entries);
  expect(name).toBe('packed');
  expect(data.length).toBeLessThan(Buffer.concat(entries.flat()).length / 10);
  expect(read(entries)).toEqual(entries.map(() => made));
});

import { describe, expect, test } from 'vitest';
import type { Received } from '../../../../src/alertmanager/received.js';
import { readHistoryLine, toHistoryLine } from '../../../../src/engine/reports/history-line.js';
import { bodyOf, historyStartMs } from '../../../support/history.js';

const labels = { alertname: 'Slow', service: 'web' };
const minute = 60_000;

describe('a line of the history', () => {
  test('is read back as what was received', () => {
    const received: Received = {
      source: 'alertmanager',
      receivedAtMs: historyStartMs + 123,
      mutingUnseen: true,
      notification: {
        groupKey: 'g',
        receiver: 'jidoka',
        status: 'firing',
        truncatedAlerts: 2,
        externalUrl: 'http://alertmanager.example',
        groupLabels: { alertname: 'Slow' },
        commonLabels: labels,
        commonAnnotations: { summary: 'slow' },
        alerts: [{ anything: ['at', 'all'] }],
      },
    };
    const line = toHistoryLine(received, 'reconciliation');
    expect(line).not.toContain('\n');
    expect(readHistoryLine(line)).toEqual(received);
  });

  test('begins with its time, so that the lines of a file can be sorted', () => {
    const body = bodyOf({ minute: 0, labels, firedAt: 0 });
    const received = readHistoryLine(JSON.stringify(body));
    expect(toHistoryLine(received, 'webhook')).toMatch(
      /^\{"received_at":"2026-01-31T08:00:00\.000Z",/,
    );
  });
});

describe('the bare body of a webhook', () => {
  const read = (body: object, earliestMs?: number) =>
    (readHistoryLine(JSON.stringify(body), earliestMs).receivedAtMs - historyStartMs) / minute;

  test('was received when the latest of its alerts started, or ended if it resolved', () => {
    const firing = bodyOf({ minute: 9, labels, firedAt: 4 });
    const resolved = bodyOf({ minute: 7, labels, firedAt: 4, resolved: true });
    expect(read(firing)).toBe(4);
    expect(read(resolved)).toBe(7);
    expect(read({ ...firing, alerts: [...resolved.alerts, ...firing.alerts] })).toBe(7);
  });

  test('was received when it says so itself', () => {
    const body = bodyOf({ minute: 9, labels, firedAt: 4 });
    expect(read({ ...body, received_at: '2026-01-31T08:30:00Z' })).toBe(30);
  });

  test('was not received before the one before it', () => {
    const body = bodyOf({ minute: 9, labels, firedAt: 4 });
    expect(read(body, historyStartMs + 20 * minute)).toBe(20);
  });
});

test.each([
  ['not JSON', 'no', /^expected a JSON object: a line of \/api\/v1\/history, or the body/],
  ['no object', '[]', /^expected a JSON object/],
  ['no notification', '{"version":"3"}', /^alerts: expected a list of alerts/],
  ['a line without its time', '{"notification":{}}', /^received_at: expected an RFC 3339 time/],
  ['a wrong time', '{"received_at":5,"notification":{}}', /^received_at: .* got 5$/],
  [
    'a body without a time',
    '{"version":"4","groupKey":"g","receiver":"r","status":"firing","alerts":[{}]}',
    /^expected "received_at", or an alert with startsAt/,
  ],
])('%s is refused with what was expected', (_, line, message) => {
  expect(() => readHistoryLine(line)).toThrow(message);
});

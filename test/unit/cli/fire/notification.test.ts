import { expect, test } from 'vitest';
import { parseAlert, parseNotification } from '../../../../src/alertmanager/payload.js';
import { fingerprintOf, notificationOf } from '../../../../src/cli/fire/notification.js';
import { applyAlert } from '../../../../src/engine/episode/apply-alert.js';

const labels = { alertname: 'Slow', service: 'web' };
const nowMs = Date.parse('2026-01-31T08:00:00Z');

/** The alert as the engine reads it from the webhook. */
function received(status: 'firing' | 'resolved', atMs: number) {
  const body = notificationOf({ status, labels, annotations: { summary: 'slow' }, nowMs: atMs });
  const { alerts, groupKey } = parseNotification(JSON.parse(JSON.stringify(body)));
  return { alert: parseAlert(alerts[0], 'alerts[0]'), groupKey };
}

test('a made-up alert is a notification that the webhook takes', () => {
  const { alert, groupKey } = received('firing', nowMs);
  expect(groupKey).toBe(`jidoka-fire:${fingerprintOf(labels)}`);
  expect(alert).toMatchObject({
    status: 'firing',
    labels,
    annotations: { summary: 'slow' },
    startsAtMs: nowMs,
    endsAtMs: null,
  });
});

test('the same labels resolve it, however often it was fired', () => {
  const delivery = {
    identity: 'i',
    source: 'alertmanager',
    groupKey: '',
    externalUrl: '',
    receivedAtMs: nowMs,
    nowMs,
  };
  const first = applyAlert(null, received('firing', nowMs).alert, delivery);
  const second = applyAlert(first.episode, received('firing', nowMs + 5).alert, delivery);
  expect(second.effect).toBe('repeated');
  expect(applyAlert(second.episode, received('resolved', nowMs + 9).alert, delivery)).toMatchObject(
    {
      effect: 'resolved',
      episode: { state: 'closed' },
    },
  );
});

test('its fingerprint follows from its labels in any order, and is none of Alertmanager', () => {
  const { alertname, service } = labels;
  expect(fingerprintOf({ service, alertname })).toBe(fingerprintOf(labels));
  expect(fingerprintOf({ ...labels, service: 'db' })).not.toBe(fingerprintOf(labels));
  expect(fingerprintOf(labels)).not.toMatch(/^[0-9a-f]{16}$/);
});

import { describe, expect, test } from 'vitest';
import { maxGiven, readGivenAlerts } from '../../../src/alertmanager/given-alerts.js';
import { InputError } from '../../../src/lib/errors.js';
import { webhookAlert, webhookBody } from '../../support/alerts.js';

const nowMs = 1_000;
const labels = { alertname: 'Slow', service: 'web' };
const webhook = webhookAlert(labels);
/** As Alertmanager's openapi.yaml has a `gettableAlert`. */
const listed = {
  ...webhook,
  endsAt: '2026-01-01T00:05:00Z',
  updatedAt: '2026-01-01T00:00:00Z',
  receivers: [{ name: 'jidoka' }],
  status: { state: 'suppressed', silencedBy: ['s'], inhibitedBy: [] },
};

describe('an alert is read from', () => {
  test.each<[string, unknown, object?]>([
    ['a whole webhook body', webhookBody([webhook]), { source: 'alertmanager' }],
    [
      'a body of Grafana, with what its route says',
      { ...webhookBody([webhook]), version: '1', routeLabels: { team: 'shop' } },
      { source: 'grafana', routeLabels: { team: 'shop' } },
    ],
    ['an element of its alerts', webhook],
    ["an alert of Alertmanager's API", listed],
    ["the whole answer of Alertmanager's API", [listed]],
  ])('%s, with its start and its fingerprint', (_, given, said = {}) => {
    expect(readGivenAlerts(given, nowMs)).toEqual([
      {
        status: 'firing',
        labels,
        annotations: webhook.annotations,
        startsAtMs: Date.parse(webhook.startsAt),
        endsAtMs: null,
        generatorUrl: webhook.generatorURL,
        fingerprint: webhook.fingerprint,
        ...said,
      },
    ]);
  });

  test.each([
    ['labels alone', labels],
    ['labels in their place', { labels }],
  ])('%s, as one that begins to fire now', (_, given) => {
    const [alert] = readGivenAlerts(given, nowMs);
    expect(alert).toMatchObject({ labels, annotations: {}, status: 'firing', startsAtMs: nowMs });
  });
});

test('all alerts of a body are read, and a resolved one is known as such', () => {
  const body = webhookBody([webhook, webhookAlert({ alertname: 'B' }, { status: 'resolved' })]);
  expect(readGivenAlerts(body, nowMs).map(({ status }) => status)).toEqual(['firing', 'resolved']);
});

test.each<[unknown, string, RegExp]>([
  ['Slow', 'alert', /expected a webhook body .* got "Slow"$/],
  [null, 'alert', /got nothing$/],
  [[], 'alerts', /at least one alert/],
  [{}, 'labels', /at least one label/],
  [{ labels: {} }, 'labels', /at least one label/],
  [{ service: 'web', code: 500 }, 'code', /^code: expected a string .* and false\), got 500$/],
  [{ status: 'firing', groupLabels: {} }, 'groupLabels', /whose "groupLabels" is not a string$/],
  [{ labels, annotations: 'x' }, 'annotations', /^annotations: expected names and strings/],
  [{ alerts: [{ labels, startsAt: 'noon' }] }, 'alerts[0].startsAt', /RFC 3339 .* got "noon"$/],
  [[{ labels: { a: 'b'.repeat(9), c: ['x'] } }], '[0].labels.c', /got a list$/],
  [Array.from({ length: maxGiven + 1 }, () => labels), 'alerts', /at most 50 alerts, got 51/],
])('%j is refused, with the place and what was expected', (given, path, message) => {
  expect(() => readGivenAlerts(given, nowMs)).toThrow(
    expect.objectContaining({
      name: InputError.name,
      path,
      message: expect.stringMatching(message),
    }),
  );
});

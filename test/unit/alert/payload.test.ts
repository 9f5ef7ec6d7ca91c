import { describe, expect, test } from 'vitest';
import { parseAlert, parseNotification } from '../../../src/alert/payload.js';
import { InputError } from '../../../src/errors.js';

const alert = {
  status: 'firing',
  labels: { alertname: 'ServiceSlow', service: 'shop_web' },
  annotations: { summary: 'slow' },
  startsAt: '2026-01-02T03:04:05.678901234Z',
  endsAt: '0001-01-01T00:00:00Z',
  generatorURL: 'http://prometheus/graph',
  fingerprint: '0123456789abcdef',
};

const notification = {
  version: '4',
  groupKey: '{}:{alertname="ServiceSlow"}',
  truncatedAlerts: 2,
  receiver: 'jidoka\\.all',
  status: 'firing',
  groupLabels: { alertname: 'ServiceSlow' },
  commonLabels: { service: 'shop_web' },
  commonAnnotations: {},
  externalURL: 'http://alertmanager',
  alerts: [alert, 'broken'],
};

function pathOf(read: () => unknown): string {
  try {
    read();
  } catch (error) {
    if (error instanceof InputError) {
      expect(error.message).toContain(error.path);
      return error.path;
    }
    throw error;
  }
  throw new Error('it was accepted');
}

describe('a notification', () => {
  test('is read, its alerts left as they came', () => {
    expect(parseNotification(notification)).toEqual({
      groupKey: notification.groupKey,
      receiver: 'jidoka\\.all',
      status: 'firing',
      truncatedAlerts: 2,
      externalUrl: 'http://alertmanager',
      groupLabels: { alertname: 'ServiceSlow' },
      commonLabels: { service: 'shop_web' },
      commonAnnotations: {},
      alerts: [alert, 'broken'],
    });
  });

  test('may hold fields of later versions and lack those of none but this one', () => {
    const { truncatedAlerts, externalURL, commonLabels, ...old } = notification;
    const read = parseNotification({
      ...old,
      notification_reason: 'repeat',
      routeLabels: { a: 1 },
    });
    expect(read.truncatedAlerts).toBe(0);
    expect(read.externalUrl).toBe('');
    expect(read.commonLabels).toEqual({});
  });

  test.each([
    ['nothing', null, 'body'],
    ['a list', [notification], 'body'],
    ['a text', 'hello', 'body'],
    ['another version', { ...notification, version: '3' }, 'version'],
    ['a version that is a number', { ...notification, version: 4 }, 'version'],
    ['no alerts', { ...notification, alerts: undefined }, 'alerts'],
    ['alerts that are no list', { ...notification, alerts: {} }, 'alerts'],
    ['no group key', { ...notification, groupKey: undefined }, 'groupKey'],
    ['an empty group key', { ...notification, groupKey: '' }, 'groupKey'],
    ['no receiver', { ...notification, receiver: undefined }, 'receiver'],
    ['an unknown status', { ...notification, status: 'pending' }, 'status'],
    ['a negative count', { ...notification, truncatedAlerts: -1 }, 'truncatedAlerts'],
    ['a link that is no text', { ...notification, externalURL: 5 }, 'externalURL'],
    ['labels that are no texts', { ...notification, groupLabels: { a: 1 } }, 'groupLabels["a"]'],
  ])('with %s is refused with the path of the fault', (_, body, path) => {
    expect(pathOf(() => parseNotification(body))).toBe(path);
  });
});

describe('an alert', () => {
  test('that fires has a start and no end', () => {
    expect(parseAlert(alert, 'alerts[0]')).toEqual({
      status: 'firing',
      labels: alert.labels,
      annotations: alert.annotations,
      startsAtMs: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
      endsAtMs: null,
      generatorUrl: 'http://prometheus/graph',
      fingerprint: '0123456789abcdef',
    });
  });

  test('that fires has no end even where one is announced for the future', () => {
    const read = parseAlert({ ...alert, endsAt: '2026-01-02T04:00:00Z' }, 'alerts[0]');
    expect(read.endsAtMs).toBeNull();
  });

  test('that resolved has an end', () => {
    const resolved = { ...alert, status: 'resolved', endsAt: '2026-01-02T04:00:00Z' };
    expect(parseAlert(resolved, 'alerts[0]').endsAtMs).toBe(Date.UTC(2026, 0, 2, 4));
  });

  test('needs neither annotations nor a link', () => {
    const { annotations, generatorURL, endsAt, ...bare } = alert;
    expect(parseAlert(bare, 'alerts[0]')).toMatchObject({ annotations: {}, generatorUrl: '' });
  });

  test('keeps labels with the names of inherited properties', () => {
    const labels = JSON.parse('{"__proto__": "a", "constructor": "b"}');
    expect(Object.entries(parseAlert({ ...alert, labels }, 'alerts[0]').labels)).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ]);
  });

  test.each([
    ['that is none', 7, ''],
    ['without a status', { ...alert, status: undefined }, '.status'],
    ['without labels', { ...alert, labels: undefined }, '.labels'],
    ['with no labels in it', { ...alert, labels: {} }, '.labels'],
    ['with labels in a list', { ...alert, labels: ['a'] }, '.labels'],
    ['with a label that is a number', { ...alert, labels: { 'a b': 1 } }, '.labels["a b"]'],
    ['with a label that is null', { ...alert, labels: { a: null } }, '.labels["a"]'],
    ['with an odd annotation', { ...alert, annotations: { a: [] } }, '.annotations["a"]'],
    ['without a start', { ...alert, startsAt: undefined }, '.startsAt'],
    ['with a start that is zero', { ...alert, startsAt: '0001-01-01T00:00:00Z' }, '.startsAt'],
    ['with a start that is no time', { ...alert, startsAt: 'yesterday' }, '.startsAt'],
    ['with a start in numbers', { ...alert, startsAt: 1767323045 }, '.startsAt'],
    ['with an end that is no time', { ...alert, endsAt: 'soon' }, '.endsAt'],
    ['that resolved at no time', { ...alert, status: 'resolved' }, '.endsAt'],
    ['without a fingerprint', { ...alert, fingerprint: undefined }, '.fingerprint'],
    ['with a link that is no text', { ...alert, generatorURL: {} }, '.generatorURL'],
  ])('%s is refused with the path of the fault', (_, raw, path) => {
    expect(pathOf(() => parseAlert(raw, 'alerts[3]'))).toBe(`alerts[3]${path}`);
  });

  test('does not have a long value repeated in the message', () => {
    const startsAt = 'x'.repeat(10_000);
    expect(() => parseAlert({ ...alert, startsAt }, 'alerts[3]')).toThrow(
      /^alerts\[3\]\.startsAt: .* got a string of 10002 characters$/,
    );
  });
});

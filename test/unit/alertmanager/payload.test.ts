import { describe, expect, test } from 'vitest';
import { fingerprintOf } from '../../../src/alertmanager/fingerprint.js';
import type { OddField } from '../../../src/alertmanager/odd-field.js';
import { isRepeat, parseAlert, parseNotification } from '../../../src/alertmanager/payload.js';
import { InputError } from '../../../src/lib/errors.js';

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

  test('needs nothing but its alerts, and is not odd for it', () => {
    const { alerts } = notification;
    expect(parseNotification({ version: '4', status: 'firing', alerts })).toEqual({
      groupKey: '',
      receiver: '',
      status: 'firing',
      truncatedAlerts: 0,
      externalUrl: '',
      groupLabels: {},
      commonLabels: {},
      commonAnnotations: {},
      alerts,
    });
  });

  test('says why it was sent and by which route, since 0.32 and 0.34', () => {
    const later = { notification_reason: 'repeat interval elapsed', routeLabels: { team: 'shop' } };
    const read = parseNotification({ ...notification, ...later });
    expect(read).toMatchObject({
      reason: 'repeat interval elapsed',
      routeLabels: { team: 'shop' },
    });
    expect(isRepeat(read)).toBe(true);
    expect(isRepeat({ reason: 'new alerts in group' })).toBe(false);
    expect(isRepeat(parseNotification(notification))).toBe(false);
  });

  test('may hold fields of later versions', () => {
    const read = parseNotification({ ...notification, added_later: { a: 1 } });
    expect(read).toEqual(parseNotification(notification));
  });

  test.each([
    ['version', { version: '3' }, {}],
    ['version', { version: 4 }, {}],
    ['version', { version: undefined }, {}],
    ['groupKey', { groupKey: 7 }, { groupKey: '7' }],
    ['groupKey', { groupKey: ['a'] }, { groupKey: '' }],
    ['groupKey', { groupKey: 'k'.repeat(20_000) }, { groupKey: 'k'.repeat(16_384) }],
    ['receiver', { receiver: {} }, { receiver: '' }],
    ['status', { status: undefined }, { status: 'firing' }],
    ['status', { status: 'pending' }, { status: 'firing' }],
    ['status', { status: 'RESOLVED' }, { status: 'resolved' }],
    ['truncatedAlerts', { truncatedAlerts: '3' }, { truncatedAlerts: 3 }],
    ['truncatedAlerts', { truncatedAlerts: -1 }, { truncatedAlerts: 0 }],
    ['truncatedAlerts', { truncatedAlerts: 2.5 }, { truncatedAlerts: 0 }],
    ['truncatedAlerts', { truncatedAlerts: 'many' }, { truncatedAlerts: 0 }],
    ['externalURL', { externalURL: false }, { externalUrl: 'false' }],
    ['groupLabels', { groupLabels: { a: 9100, b: 'c' } }, { groupLabels: { a: '9100', b: 'c' } }],
    ['groupLabels', { groupLabels: { a: null, b: [] } }, { groupLabels: {} }],
    ['commonLabels', { commonLabels: 'none' }, { commonLabels: {} }],
    ['commonAnnotations', { commonAnnotations: [] }, { commonAnnotations: {} }],
  ])('with an odd %s (%j) is taken, and that is told', (field, given, taken) => {
    const { odd = [], ...read } = parseNotification({ ...notification, ...given });
    expect(read).toEqual({ ...parseNotification(notification), ...taken });
    expect(new Set(odd.map((each) => each.field))).toEqual(new Set([field]));
    for (const { message } of odd) expect(message).toMatch(new RegExp(`^${field}.*: expected .*`));
  });

  test('with an empty receiver or none, or without a group key, is not odd', () => {
    const { receiver, groupKey, ...without } = notification;
    expect(parseNotification({ ...notification, receiver: '' }).odd).toBeUndefined();
    expect(parseNotification(without)).toMatchObject({ receiver: '', groupKey: '' });
    expect(parseNotification(without).odd).toBeUndefined();
  });

  test.each([
    ['nothing', null, 'body'],
    ['a list', [notification], 'body'],
    ['a text', 'hello', 'body'],
    ['no alerts', { ...notification, alerts: undefined }, 'alerts'],
    ['alerts that are no list', { ...notification, alerts: {} }, 'alerts'],
    ['nothing of its own', Object.create({ alerts: [] }), 'alerts'],
  ])('that is %s holds no alerts and is refused with the path of the fault', (_, body, path) => {
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
      fingerprint: fingerprintOf(alert.labels),
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

  test('without a fingerprint has the one that Alertmanager gives to its labels', () => {
    const { fingerprint, ...old } = alert;
    const labels = { alertname: 'A', service: 'web', scale: 'up' };
    expect(parseAlert({ ...old, labels }, 'alerts[0]').fingerprint).toBe('87b6b765c9910165');
  });

  const zero = '0001-01-01T00:00:00Z';
  test.each<[string[], object, object]>([
    [['startsAt'], { startsAt: undefined }, { startsAtMs: null }],
    [['startsAt'], { startsAt: zero }, { startsAtMs: null }],
    [['startsAt'], { startsAt: '1970-01-01T00:00:00Z' }, { startsAtMs: null }],
    [['startsAt'], { startsAt: 'yesterday' }, { startsAtMs: null }],
    [['startsAt'], { startsAt: 1767323045 }, { startsAtMs: null }],
    [['endsAt'], { endsAt: 'soon' }, { endsAtMs: null }],
    [['endsAt'], { status: 'resolved', endsAt: zero }, { status: 'resolved', endsAtMs: null }],
    [['endsAt'], { status: 'resolved', endsAt: null }, { status: 'resolved', endsAtMs: null }],
    [['endsAt'], { status: 'resolved', endsAt: '' }, { status: 'resolved', endsAtMs: null }],
    [['status'], { status: undefined }, { status: 'firing' }],
    [['status'], { status: 'Firing' }, { status: 'firing' }],
    [['annotations'], { annotations: { a: [], b: 1 } }, { annotations: { b: '1' } }],
    [['annotations'], { annotations: 'none' }, { annotations: {} }],
    [['generatorURL'], { generatorURL: {} }, { generatorUrl: '' }],
    [['labels'], { labels: { a: 'b', port: 9100 } }, { labels: { a: 'b', port: '9100' } }],
    [['labels'], { labels: { a: 'b', up: true } }, { labels: { a: 'b', up: 'true' } }],
    [['labels'], { labels: { a: 'b', none: null } }, { labels: { a: 'b' } }],
  ])('with an odd %j (%j) is taken, and that is told', (fields, given, taken) => {
    const odd: OddField[] = [];
    const onOdd = (each: OddField) => odd.push(each);
    const read = parseAlert({ ...alert, ...given }, 'alerts[3]', { onOdd });
    expect(read).toMatchObject(taken);
    expect([...new Set(odd.map(({ field }) => field))]).toEqual(fields);
    for (const { message } of odd) expect(message).toMatch(/^alerts\[3\]\..*: expected .*; .+/);
  });

  test.each([
    ['that has ended when it is received is resolved', { endsAt: '2026-01-02T04:00:00Z' }, {}],
    ['of a group that resolved is resolved', {}, { groupStatus: 'resolved' as const }],
  ])('without a status %s', (_, given, context) => {
    const receivedAtMs = Date.UTC(2026, 0, 2, 5);
    const { status, ...without } = alert;
    const read = (more: object) =>
      parseAlert({ ...without, ...more }, 'alerts[0]', { receivedAtMs, ...context }).status;
    expect(read(given)).toBe('resolved');
    expect(parseAlert(without, 'alerts[0]', { receivedAtMs }).status).toBe('firing');
  });

  test("keeps a sender's own name for it", () => {
    const read = parseAlert({ ...alert, fingerprint: 'jidoka-fire-1' }, 'alerts[0]');
    expect(read.fingerprint).toBe('jidoka-fire-1');
  });

  test.each(['toString', '__proto__', '', 'x'.repeat(101), 7.5, { a: 1 }])(
    'with the fingerprint %j has another',
    (fingerprint) => {
      const read = parseAlert({ ...alert, fingerprint }, 'alerts[0]').fingerprint;
      expect(read).toMatch(fingerprint === 7.5 ? /^7\.5$/ : /^[0-9a-f]{16}$/);
    },
  );

  test('has as many annotations as are of use, and those that are too long are cut', () => {
    const many = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`a${index}`, 'b']));
    const long = { summary: 'slow', description: 'd'.repeat(1_000_000) };
    expect(Object.keys(parseAlert({ ...alert, annotations: many }, '').annotations)).toHaveLength(
      256,
    );
    const { annotations } = parseAlert({ ...alert, annotations: long }, '');
    expect(annotations.summary).toBe('slow');
    expect(annotations.description?.length).toBeLessThanOrEqual(256 * 1024);
  });

  const labelled = (count: number, value: string) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`label_${index}`, value]));
  test('may have 256 labels', () => {
    const labels = labelled(256, 'x');
    expect(parseAlert({ ...alert, labels }, 'alerts[0]').labels).toEqual(labels);
  });

  test.each([
    ['that is none', 7, ''],
    ['with a status that is none', { ...alert, status: 'pending' }, '.status'],
    ['without labels', { ...alert, labels: undefined }, '.labels'],
    ['with no labels in it', { ...alert, labels: {} }, '.labels'],
    ['with labels in a list', { ...alert, labels: ['a'] }, '.labels'],
    ['with a label that is a list', { ...alert, labels: { 'a b': [1] } }, '.labels["a b"]'],
    ['with a label that has lost digits', { ...alert, labels: { a: 2 ** 60 } }, '.labels["a"]'],
    ['whose only label is null', { ...alert, labels: { a: null } }, '.labels'],
    ['with 257 labels', { ...alert, labels: labelled(257, 'x') }, '.labels'],
    ['with labels too long', { ...alert, labels: { a: 'x'.repeat(70_000) } }, '.labels'],
  ])('%s is refused with the path of the fault', (_, raw, path) => {
    expect(pathOf(() => parseAlert(raw, 'alerts[3]'))).toBe(`alerts[3]${path}`);
  });

  test('does not have a long value repeated in the message', () => {
    const status = 'x'.repeat(10_000);
    expect(() => parseAlert({ ...alert, status }, 'alerts[3]')).toThrow(
      /^alerts\[3\]\.status: .* got a string of 10002 characters$/,
    );
  });
});

import { describe, expect, test } from 'vitest';
import { notificationOf } from '../../../src/alertmanager/payload.js';
import {
  excerptIn,
  excerptOf,
  maxAlerts,
  reduceNotification,
} from '../../../src/alertmanager/reduced.js';

const good = { status: 'firing', labels: { alertname: 'Slow' }, startsAt: '2026-01-31T08:00:00Z' };
const head = { version: '4', groupKey: 'g', receiver: 'jidoka', status: 'firing' };

test('what can be read stays as it was posted', () => {
  const posted = { ...head, alerts: [good, { ...good, extra: { a: [1] } }] };
  expect(reduceNotification(posted)).toBeNull();
});

test('of an alert that cannot be read its fault and its beginning are left', () => {
  const huge = { labels: { a: { b: 'x'.repeat(1_000_000) } } };
  const reduced = reduceNotification({ ...head, alerts: [good, huge, 5, 'text', null] });
  expect(JSON.stringify(reduced).length).toBeLessThan(5_000);
  const [first, ...others] = reduced?.alerts ?? [];
  expect(first).toEqual(good);
  expect(others.map(excerptIn)).toEqual([
    {
      fault: expect.stringMatching(/^alerts\[1\]\.labels\[.*expected a string/),
      text: expect.stringMatching(/^\{"labels":\{"a":\{"b":"x+…$/),
    },
    { fault: expect.stringContaining('alerts[2]'), text: '5' },
    { fault: expect.stringContaining('alerts[3]'), text: '"text"' },
    { fault: expect.stringContaining('alerts[4]'), text: 'null' },
  ]);
});

test('alerts beyond those that are taken are counted, and the others are taken', () => {
  const alerts = Array.from({ length: maxAlerts + 7 }, () => good);
  const reduced = reduceNotification({ ...head, alerts });
  expect(reduced?.alerts).toHaveLength(maxAlerts);
  expect(reduced && notificationOf(reduced)).toMatchObject({ groupKey: 'g', leftOut: 7 });
});

test('fields that nothing reads are left out, and those that are read mean the same', () => {
  const posted = {
    ...head,
    truncatedAlerts: 3,
    externalURL: 'http://am',
    groupLabels: { a: 'b' },
    commonLabels: {},
    commonAnnotations: { c: 'd' },
    routeLabels: { team: 'web' },
    notification_reason: 'new alerts in group',
    alerts: [good],
  };
  expect(reduceNotification(posted)).toBeNull();
  const reduced = reduceNotification({ ...posted, junk: 'x'.repeat(1_000_000) });
  expect(reduced && notificationOf(reduced)).toEqual(notificationOf(posted));
  expect(JSON.stringify(reduced).length).toBeLessThan(1_000);
});

describe('an excerpt', () => {
  test.each([5, null, 'x', [], {}, { unreadable: 1 }, { unreadable: null }, { unreadable: {} }])(
    'is not %j',
    (raw) => {
      expect(excerptIn(raw)).toBeNull();
    },
  );

  test('of what is nested too deeply says so', () => {
    const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    expect(excerptOf(deep)).toBe('it is nested too deeply to be shown');
  });
});

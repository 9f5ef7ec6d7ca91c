import { expect, test } from 'vitest';
import type { Labels } from '../../../src/alertmanager/alert.js';
import { stableLabels } from '../../../src/learning/stable-labels.js';

function keptOf(labels: Labels, others: readonly Labels[] = []) {
  const { kept } = stableLabels({
    labels,
    ignored: new Set(['cluster']),
    always: new Set(['alertname', 'service']),
    others,
  });
  return Object.keys(kept);
}

test('what says which kind of alert it is stays, the most telling first', () => {
  const labels = { team: 'pay', job: 'api', severity: 'page', service: 'web', alertname: 'Slow' };
  expect(keptOf(labels)).toEqual(['alertname', 'service', 'severity', 'job', 'team']);
});

test.each([
  ['instance', 'web'],
  ['pod', 'web'],
  ['container_id', 'web'],
  ['cluster', 'eu'],
  ['empty', ''],
  ['share', '97.5%'],
  ['count', '1,204'],
  ['peer', '10.0.0.7:9090'],
  ['peer', '[fe80::1]:80'],
  ['request', '7b3c9f0e-1c2d-4e5f-8a9b-0c1d2e3f4a5b'],
  ['image', 'sha256:0123456789abcdef'],
  ['day', '2026-03-01'],
  ['owner', 'web-6d4f5b8c9d-x2x4z'],
  ['name', 'web.1.k3j9x8w7v6u5t4s3r2q1'],
  ['prose', 'a '.repeat(60)],
])('%s="%s" names an instance or a moment and is left out', (name, value) => {
  expect(keptOf({ alertname: 'Slow', service: 'web', [name]: value })).toEqual([
    'alertname',
    'service',
  ]);
});

test.each(['web', 'api-v2', 'checkout_service', 'eu-west-1', 'facade', 'critical'])(
  '"%s" is a name that lasts',
  (value) => {
    expect(keptOf({ alertname: 'Slow', about: value })).toEqual(['alertname', 'about']);
  },
);

test('what names the target stays, whatever it looks like', () => {
  expect(keptOf({ alertname: '404', service: '10.0.0.1' })).toEqual(['alertname', 'service']);
});

test('what differed between alerts that got the same answer is left out, and why is said', () => {
  const labels = { alertname: 'Slow', service: 'web', severity: 'page', zone: 'a' };
  const others = [{ ...labels, zone: 'b' }, labels];
  expect(keptOf(labels, others)).toEqual(['alertname', 'service', 'severity']);
  const { leftOut } = stableLabels({ labels, ignored: new Set(), always: new Set(), others });
  expect(leftOut).toEqual(['zone: it differed between alerts that got the same answer']);
});

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isAboutSize, sizeWords } from '../../../src/escalation/is-about-size.js';

const alert = (labels: Record<string, string>, summary = '') =>
  ({ kind: 'unmatched', labels, annotations: summary === '' ? {} : { summary } }) as const;

test.each([
  ['a label scale', alert({ alertname: 'Odd', scale: 'up' })],
  ['a word of its name', alert({ alertname: 'CheckoutQueueGrows' })],
  ['a word of another label', alert({ alertname: 'Odd', kind: 'high-latency' })],
  ['a word of its summary', alert({ alertname: 'Odd' }, '4,200 orders wait')],
])('an alert is about size by %s', (_, about) => {
  expect(isAboutSize(about)).toBe(true);
});

test.each([
  ['a certificate that expires', alert({ alertname: 'CertificateExpiresSoon', service: 'web' })],
  ['the name of its service alone', alert({ alertname: 'Disk', service: 'queue-full' })],
  ['a part of a word', alert({ alertname: 'DownloadFlagged' }, 'a payload is awaited')],
])('an alert is not: %s', (_, about) => {
  expect(isAboutSize(about)).toBe(false);
});

test('what a playbook did or wants to do is about its own step', () => {
  const { labels, annotations } = alert({ alertname: 'CertificateExpiresSoon' });
  for (const kind of ['report', 'approval'] as const) {
    expect(isAboutSize({ kind, labels, annotations })).toBe(true);
  }
});

test('the words are in the documents', () => {
  const page = readFileSync('docs/how-to/learn-from-clicks.md', 'utf8');
  const [, listed = ''] = /<!-- size words -->\n([\s\S]*?)\n\n/.exec(page) ?? [];
  expect([...listed.matchAll(/`(\w+)`/g)].map(([, word]) => word)).toEqual([...sizeWords].sort());
});

import { expect, test } from 'vitest';
import { LabelList, nameOfAlert } from '../../../../src/console/components/labels.js';
import { OutsideLink } from '../../../../src/console/components/outside-link.js';

const hostile = '"><script>alert(1)</script><img src=x onerror=alert(1)>';

test('labels are text, whatever stands in them', () => {
  const html = String(LabelList({ labels: { alertname: hostile, [hostile]: hostile } }));
  expect(html).not.toMatch(/<script|<img/);
  expect(nameOfAlert({})).toBe('an alert without a name');
});

test.each(['javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'data:text/html,x', ' javascript:x', 'x'])(
  '%j is shown as text, not as a link',
  (url) => {
    const html = String(OutsideLink({ url, children: 'a link' }));
    expect(html).not.toContain('href');
    expect(html).toContain('a link');
  },
);

test('a link to a web page tells it nothing of ours', () => {
  const html = String(OutsideLink({ url: 'https://wiki.example/"x', children: 'runbook' }));
  expect(html).toContain('rel="noreferrer noopener"');
  expect(html).not.toContain('/"x');
});

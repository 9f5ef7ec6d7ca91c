import { expect, test } from 'vitest';
import {
  EvidenceSection,
  MoreEvidence,
} from '../../../../src/console/components/evidence-section.js';
import type { Evidence } from '../../../../src/ledger/evidence.js';

const atMs = Date.parse('2026-01-31T12:00:00Z');
const stepMs = 45_000;
const fromMs = atMs - 239 * stepMs;
const missing = { missing: 'not there' };
const nothing: Evidence = {
  ...{ id: 'e', gatheredAtMs: atMs, alertAtMs: atMs - 600_000, headline: null },
  ...{ metric: missing, changes: missing, tasks: missing },
  ...{ group: missing, lastTime: missing, related: missing },
};
const values = Array.from({ length: 240 }, (_, step) => (step === 100 ? null : step / 100));

const render = (evidence: Evidence | null) =>
  String(EvidenceSection({ evidence })) + String(MoreEvidence({ evidence, nowMs: atMs }) ?? '');

test('what is missing says why, and what was not gathered yet that it is', () => {
  expect(render(null)).toContain('Jidoka gathers it');
  // the script looks again soon
  expect(render(null)).toContain('data-pending');
  const page = render({ ...nothing, metric: { missing: 'Prometheus is not configured.' } });
  expect(page).toContain('<dt>Metric</dt><dd>Prometheus is not configured.</dd>');
  expect(page).not.toContain('data-pending');
});

test('the metric is a plot with threshold, alert and changes, and in words and a table', () => {
  const page = render({
    ...nothing,
    headline: 'Deployed 12 minutes before the alert: a → b',
    metric: {
      expression: 'rate(errors[5m])',
      threshold: { operator: '>', expression: '2', value: 2 },
      ...{ fromMs, stepMs, found: 1, notes: ['One of many.'], graphUrl: 'http://p.example/graph' },
      series: [{ labels: {}, values }],
    },
    changes: {
      fromMs,
      items: [
        { atMs: atMs - 300_000, kind: 'run', text: 'scale-up: scale web to 3', runId: 'r1' },
        { atMs: atMs - 1_200_000, kind: 'deployed', text: 'web deployed: a → b' },
        { atMs: fromMs - 1, kind: 'scaled', text: 'web scaled: 1 → 2' },
      ],
    },
  });
  // the headline is the first thing
  expect(page.indexOf('Deployed 12 minutes')).toBeLessThan(page.indexOf('<svg'));
  expect(page).toContain('first 0, lowest 0, highest 2.39, current 2.39.');
  expect(page).toContain('The alert fires if it is &gt; 2.');
  expect(page).toContain('class="threshold"');
  expect(page).toContain('class="alerting"');
  // a gap begins another piece of the line
  expect(/class="line" d="([^"]*)"/.exec(page)?.[1]?.match(/M /g)).toHaveLength(2);
  expect(page.match(/class="mark"/g)).toHaveLength(2);
  expect(page).toMatch(/<li><time[^>]*>11:40<\/time> web deployed: a → b<\/li>/);
  expect(page).toContain('<a href="/runs/r1">scale-up: scale web to 3</a>');
  expect(page).toMatch(/<th scope="row"[^>]*>12:00<\/th><td>2.39<\/td>/);
});

test('whatever systems say is text', () => {
  const text = '<script>alert(1)</script>';
  const failure = { atMs, state: 'failed', error: text, exitCode: 3, node: text };
  const page = render({
    ...nothing,
    headline: text,
    tasks: {
      services: [
        {
          ...{
            name: text,
            running: 0,
            desired: 1,
            failures: [failure],
            failed: 1,
            problems: [text],
          },
          logs: [text],
        },
      ],
    },
  });
  expect(page).not.toContain('<script>');
});

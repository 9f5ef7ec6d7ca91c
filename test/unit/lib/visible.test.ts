import { describe, expect, test } from 'vitest';
import { fromJsonLine } from '../../../src/audit/lines.js';
import { exportedLine } from '../../../src/cli/audit-export.js';
import { renderReport as renderDoctor } from '../../../src/cli/doctor/report.js';
import { describeLabels } from '../../../src/cli/shown.js';
import type { OpenWork } from '../../../src/cli/status/read.js';
import { renderStatus } from '../../../src/cli/status/render.js';
import { note, wrong } from '../../../src/lib/finding.js';
import { createLogger } from '../../../src/lib/logger.js';
import { visible, visibleHtml } from '../../../src/lib/visible.js';
import { createFakeReceiver } from '../api/fake-parts.js';
import { createFakeConsole } from '../console/fake-console.js';

/* Whoever can make an alert chooses its texts. What a terminal or a page would act on is shown escaped. */

/** Each of them, between two letters. */
const hostile = [
  '\u001b[2J', // clears a terminal
  '\u009b31m', // the same beginning as one character
  '\u0000\u0007\u0008',
  '\u007f',
  '\u0085', // a new line of EBCDIC
  '\r\n',
  '\t',
  '\u2028',
  '\u202e', // from here on right to left
  '\u2066',
  '\u200f',
  '\u061c',
].map((text) => `a${text}b`);
const all = hostile.join('');
const harmful = /(?!\n)[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

test.each(hostile)('%j is shown escaped, and nothing of it is lost', (text) => {
  expect(visible(text)).not.toMatch(harmful);
  expect(visible(text)).not.toContain('\n');
  expect(JSON.parse(`"${visible(text)}"`)).toBe(text);
});

test('what people write stays as it is', () => {
  const text = 'Größe 12 % – שלום, مرحبا 日本 👩‍👩‍👧 a\\b "c"';
  expect(visible(text)).toBe(text);
  expect(visible('a\n\tb\u001b', '\n\t')).toBe('a\n\tb\\u001b');
});

test('a page shows them escaped, and a field keeps what it sends back', () => {
  const html = '<p title="a\u202eb">\n\ta\u009bb</p><input value="a\u202eb">';
  expect(visibleHtml(html)).toBe('<p title="a\\u202eb">\n\ta\\u009bb</p><input value="a\u202eb">');
});

describe('no such character comes out', () => {
  test('of labels', () => {
    expect(describeLabels({ alertname: all, [all]: all })).not.toMatch(harmful);
    expect(describeLabels({ alertname: all, [all]: all })).not.toContain('\n');
  });

  test('of jidoka status', () => {
    const of = { id: all, createdAtMs: 0, labels: { alertname: all }, reasonText: all };
    const verdicts = [{ fate: 'held', playbook: all, reasonText: all }];
    const open = {
      escalations: [{ ...of, kind: all, title: all, openEpisodes: 1 }],
      runs: [{ ...of, origin: { kind: 'person', by: all }, state: all, attempts: [], waiting: of }],
      alerts: [{ ...of, verdicts }],
      pauses: [{ of: 'target', name: all, by: all, why: all, untilMs: null }],
      tripped: { detail: all },
      breakers: [{ playbook: all, failures: 1 }],
    } as unknown as OpenWork;
    const checks = { [all]: { ok: true, detail: all }, [`${all}2`]: { ok: false, detail: all } };
    const text = renderStatus('http://127.0.0.1', { readiness: { ready: true, checks }, open }, 0);
    const plain = renderStatus(
      'http://127.0.0.1',
      { readiness: { ready: true, checks: { a: { ok: true, detail: '' } } }, open: null },
      0,
    );
    expect(text).not.toMatch(harmful);
    expect(plain).not.toMatch(harmful);
    // a line each: nothing that an alert says can pass for a line of the report
    expect(text.split('\n').filter((line) => line.startsWith('b'))).toEqual([]);
  });

  test('of jidoka doctor', () => {
    const findings = [note(all), wrong(all, all, all)];
    expect(renderDoctor([{ name: 'AWS', findings }])).not.toMatch(harmful);
  });

  test('of jidoka audit export, whose lines can still be verified', () => {
    const content = JSON.stringify(['record', JSON.stringify({ atMs: 1, detail: all })]);
    const line = exportedLine({ kind: 'record', id: '1-0', content });
    expect(line.trimEnd()).not.toMatch(harmful);
    expect(line.indexOf('\n')).toBe(line.length - 1);
    expect(fromJsonLine(line, 1)).toEqual({ kind: 'record', id: '1-0', content });
  });

  test('of the log', () => {
    const lines: string[] = [];
    const log = createLogger('info', { write: (line) => void lines.push(line) });
    log.warn({ labels: { [all]: all }, err: new Error(all) }, all);
    expect(lines.join('').trimEnd()).not.toMatch(harmful);
    expect(lines.join('').trimEnd()).not.toContain('\n');
    expect(JSON.parse(lines.join(''))).toMatchObject({ msg: all, labels: { [all]: all } });
  });

  test('of the API', async () => {
    const { receiver } = createFakeReceiver({
      adminToken: 'a',
      answer: async () => ({ kind: 'not_allowed', why: all }),
    });
    const answer = await receiver.request('/api/v1/escalations/e1/answer', {
      method: 'POST',
      headers: { authorization: 'Bearer a', 'content-type': 'application/json' },
      body: JSON.stringify({ choice: 'ack', by: 'ada' }),
    });
    const text = await answer.text();
    expect(answer.status).toBe(403);
    expect(text).not.toMatch(harmful);
    expect(JSON.parse(text)).toEqual({ error: all });
  });

  test('of the console', async () => {
    const { call, signIn } = createFakeConsole();
    const { cookie } = await signIn('', `ada ${all}`);
    const { body } = await call('/sign-in', { headers: { cookie } });
    expect(body).toContain('\\u202e');
    expect(body.replace(/value="[^"]*"/g, '').replaceAll('\t', '')).not.toMatch(harmful);
  });
});

import { afterEach, beforeEach, expect, test } from 'vitest';
import { runCommandLine } from '../../../src/cli/run.js';
import type { Evidence } from '../../../src/ledger/evidence.js';
import { captured } from '../../support/captured.js';
import { type HttpServer, startHttpServer } from '../../support/http-server.js';

const missing = { missing: 'not there' };
const nothing: Evidence = {
  ...{ id: 'e1', gatheredAtMs: 0, alertAtMs: 0, headline: null },
  ...{ metric: missing, changes: missing, tasks: missing },
  ...{ group: missing, lastTime: missing, related: missing },
};

let engine: HttpServer;
/** What the engine answers under each path; whatever else is asked for is not there. */
let answers: Readonly<Record<string, unknown>>;
beforeEach(async () => {
  engine = await startHttpServer();
  answers = {};
  engine.answer = ({ path }, reply) => {
    const answer = answers[path.replace('/api/v1/', '')];
    const json = { 'content-type': 'application/json' };
    if (answer !== undefined) return reply(200, JSON.stringify(answer), json);
    const what = path.includes('/runs/') ? 'run' : 'escalation';
    reply(404, JSON.stringify({ error: `no ${what} has the ID "e1"` }), json);
  };
});
afterEach(() => engine.stop());

const call = (...args: string[]) =>
  captured(() =>
    runCommandLine(['node', 'jidoka', 'evidence', 'e1', '--url', engine.origin, ...args]),
  );

test('each part is shown under its heading, what stands out first', async () => {
  const ago = Date.now() - 125_000;
  const evidence: Evidence = {
    ...nothing,
    headline: 'Deployed 12 minutes before the alert: a → b',
    metric: {
      expression: 'rate(errors[5m])',
      threshold: { operator: '>', expression: '0.5', value: 0.5 },
      ...{ fromMs: 0, stepMs: 1, found: 1, graphUrl: null },
      series: [{ labels: {}, values: [0, 0.25, 1, 0.75] }],
      notes: ['One of many.'],
    },
    changes: { fromMs: 0, items: [{ atMs: ago, kind: 'deployed', text: 'web deployed: a → b' }] },
    tasks: {
      services: [
        {
          ...{ name: 'web', running: 1, desired: 3, failures: [], failed: 0, problems: [] },
          logs: ['no such table'],
        },
      ],
    },
    group: {
      groups: [
        {
          name: 'workers',
          activities: [
            { atMs: ago, status: 'Failed', description: 'Launching', message: 'no room' },
          ],
        },
      ],
    },
    related: {
      alerts: [
        { id: 'a', labels: { alertname: 'Odd', job: 'x' }, openedAtMs: 0, shares: 'target' },
      ],
      total: 3,
    },
  };
  answers = { 'escalations/e1/evidence': { evidence } };
  expect(await call()).toEqual({
    code: 0,
    stderr: '',
    stdout: `Deployed 12 minutes before the alert: a → b

Metric:
  rate(errors[5m]), alert if > 0.5
  ▁▃█▇ first 0, lowest 0, highest 1, current 0.75
  One of many.

Changes:
  2 min ago: web deployed: a → b

Tasks:
  web: 1 of 3 tasks running
    no such table

Group:
  workers, 2 min ago: Failed: Launching (no room)

Last time:
  not there

Related alerts:
  Odd{job="x"}
  and 2 more
`,
  });
});

test('what is no escalation is looked for among the runs, and JSON is what the API answers', async () => {
  answers = { 'runs/e1/evidence': { evidence: nothing } };
  const { code, stdout } = await call('-o', 'json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toEqual({ evidence: nothing });
});

test('what was not gathered yet is said to come', async () => {
  answers = { 'escalations/e1/evidence': { evidence: null } };
  expect((await call()).stdout).toBe('Jidoka gathers it now. Ask again in a few seconds.\n');
  expect(JSON.parse((await call('-o', 'json')).stdout)).toEqual({ evidence: null });
});

test('an id that nothing has is an error', async () => {
  const { code, stdout, stderr } = await call();
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain('no run has the ID "e1"');
});

test('what systems say steers no terminal', async () => {
  answers = { 'escalations/e1/evidence': { evidence: { ...nothing, headline: 'a\u001b[2Jb' } } };
  expect((await call()).stdout).not.toContain('\u001b');
});

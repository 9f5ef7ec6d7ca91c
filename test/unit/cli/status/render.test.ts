import { expect, test } from 'vitest';
import type { OpenWork } from '../../../../src/cli/status/read.js';
import { renderStatus } from '../../../../src/cli/status/render.js';

const nowMs = Date.parse('2026-01-31T08:00:00Z');
const url = 'http://127.0.0.1:9095';
const ready = { ready: true, checks: { redis: { ok: true, detail: 'answers' } } };

const escalation = {
  kind: 'approval',
  title: 'Slow web',
  openEpisodes: 3,
  reasonText: 'the playbook asks',
  createdAtMs: nowMs - 120_000,
  id: 'e1',
};
const run = {
  origin: { kind: 'playbook', playbook: 'up', hash: '' },
  state: 'converging',
  attempts: [{ text: 'scale web from 2 to 3 replicas' }],
  waiting: null,
  createdAtMs: nowMs - 5_000,
  id: 'r1',
};
const alert = {
  labels: { alertname: 'Slow', service: 'web' },
  verdicts: [
    { fate: 'run', playbook: 'up', reasonText: 'it matches' },
    { fate: 'held', playbook: 'down', reasonText: 'changed', untilMs: nowMs + 60_000 },
  ],
};
const open = {
  escalations: [escalation],
  runs: [run],
  alerts: [alert],
  pauses: [
    { of: 'playbook', name: 'up', by: 'ada', why: 'release', untilMs: null },
    { of: 'everything', by: 'bob', why: 'storm', untilMs: nowMs + 60_000 },
  ],
  tripped: { detail: '9 services in 10 min' },
  breakers: [{ playbook: 'down', failures: 3 }],
} as unknown as OpenWork;

test('one screen says what waits for a person, what is in progress and what is held until when', () => {
  const text = renderStatus(url, { readiness: ready, open }, nowMs);
  expect(text.replace(/\d\d:\d\d:\d\d/g, 'TIME').split('\n')).toEqual([
    'http://127.0.0.1:9095 is ready',
    '  redis       answers',
    '',
    'Open alerts: 1',
    '',
    'Paused (2)',
    '  the playbook up by ada: release; until it is lifted',
    '  everything by bob: storm; until TIME (in 1 min)',
    '',
    'Reset required (2)',
    '  blast radius: 9 services in 10 min',
    '  breaker of down: 3 runs did not help; it asks',
    '',
    'Needs attention (1)',
    '  approval  Slow web (3 alerts): the playbook asks; since 2 min, e1',
    '',
    'Active runs (1)',
    '  up: converging, scale web from 2 to 3 replicas; since 5 s, r1',
    '',
    'Deferred (1)',
    '  Slow{service="web"}: down: changed, until TIME (in 1 min)',
    '  jidoka explain LABEL=VALUE ... says what is in the way',
    '',
  ]);
});

test('a long list is cut, and what is left out is counted', () => {
  const many = { ...open, runs: Array(20).fill(run) } as OpenWork;
  const text = renderStatus(url, { readiness: ready, open: many }, nowMs);
  expect(text).toContain('Active runs (20)');
  expect(text).toContain('… and 12 more');
  expect(text.match(/converging/g)).toHaveLength(8);
});

test('an engine that is not ready is not shown as one with nothing to do', () => {
  const checks = { redis: { ok: false, detail: 'ECONNREFUSED' } };
  const text = renderStatus(url, { readiness: { ready: false, checks }, open: null }, nowMs);
  expect(text).toContain('is NOT READY');
  expect(text).toContain('redis       FAILS: ECONNREFUSED');
  expect(text).not.toContain('nothing');
});

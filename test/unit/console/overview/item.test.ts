import { describe, expect, test } from 'vitest';
import { setupSteps } from '../../../../src/console/overview/all-clear.js';
import {
  bySeverity,
  countBy,
  grouped,
  isStuck,
  itemMatcher,
  itemOfEscalation,
} from '../../../../src/console/overview/item.js';
import {
  overviewPath,
  overviewQuerySchema,
} from '../../../../src/console/overview/overview-query.js';
import type { Escalation } from '../../../../src/ledger/escalation.js';
import { createLibrary } from '../../../../src/playbook/library.js';
import { defaultPolicy } from '../../../../src/playbook/policy.js';

const parts = { policy: defaultPolicy, library: createLibrary([]) };

function escalation(id: string, given: Partial<Escalation> = {}): Escalation {
  return {
    id,
    caseId: id,
    subject: null,
    kind: 'unmatched',
    reason: 'no_match',
    title: id,
    detail: '',
    labels: {},
    annotations: {},
    links: [],
    misses: [],
    channel: undefined,
    choices: [],
    runId: null,
    state: 'open',
    answer: null,
    createdAtMs: 0,
    expiresAtMs: null,
    endedAtMs: null,
    posted: null,
    ...given,
  };
}

const item = (id: string, given: Partial<Escalation> = {}) =>
  itemOfEscalation(parts, escalation(id, given));
const of = (severity: string) => ({ labels: { alertname: 'A', severity } });
const query = (text: string) =>
  overviewQuerySchema.parse(Object.fromEntries(new URLSearchParams(text)));

test('failed runs come first, then the severe, then what expires, then the newest, suggested playbooks last', () => {
  const items = [
    item('a playbook', { kind: 'lesson', reason: 'learned', ...of('critical') }),
    item('old warning', { ...of('warning'), createdAtMs: 1 }),
    item('new warning', { ...of('warning'), createdAtMs: 2 }),
    item('an approval', { kind: 'approval', ...of('warning'), expiresAtMs: 9 }),
    item('no severity'),
    item('a word of its own', of('page')),
    item('critical', of('critical')),
    item('a failed run', { kind: 'report', reason: 'exhausted', runId: 'r', ...of('info') }),
    item('a deferred one', { kind: 'report', reason: 'held_too_long', ...of('error') }),
  ];
  expect(items.sort(bySeverity).map(({ id }) => id)).toEqual([
    'a failed run',
    'critical',
    'a deferred one',
    'an approval',
    'new warning',
    'old warning',
    'a word of its own',
    'no severity',
    'a playbook',
  ]);
});

test('a group stands together as far as the severity is the same, under what its alerts share', () => {
  const labels = { alertname: 'Slow', cluster: 'eu' };
  const groups = grouped([
    item('1', { group: 'g', labels: { ...labels, severity: 'critical', service: 'a' } }),
    item('2', { labels: { severity: 'critical' } }),
    item('3', { group: 'g', labels: { ...labels, severity: 'critical', service: 'b' } }),
    item('4', { group: 'g', labels: { ...labels, severity: 'info', service: 'c' } }),
  ]);
  expect(groups.map(({ title, items }) => [title, items.map(({ id }) => id)])).toEqual([
    ['Slow · cluster=eu · severity=critical', ['1', '3']],
    [null, ['2']],
    [null, ['4']],
  ]);
});

describe('the filters', () => {
  const web = item('web', {
    title: 'Slow: web',
    labels: { alertname: 'Slow', service: 'web', team: 'shop', severity: 'critical' },
    annotations: { summary: 'takes 2 s' },
    playbook: 'scale-up',
  });

  test.each([
    ['', true],
    ['service=web', true],
    ['service=db', false],
    ['owner=shop&severity=critical&playbook=scale-up', true],
    ['severity=warning', false],
    ['q=takes', true],
    ['q=service%3Dweb+slow', true],
    ['q=service%3Ddb', false],
    ['group=nonsense&page=x', true],
  ])('%j let it through: %s', (text, expected) => {
    expect(itemMatcher(query(text))(web)).toBe(expected);
  });

  test('are in the address, and a change of one leads to the first page', () => {
    const asked = query('service=web&page=3&q=a+b');
    expect(overviewPath(asked, { page: 4 })).toBe('/?q=a+b&service=web&page=4');
    expect(overviewPath(asked, { severity: 'info' })).toBe('/?q=a+b&service=web&severity=info');
    expect(overviewPath(query(''))).toBe('/');
  });

  test('offer what there is, the most frequent first', () => {
    const items = [item('a', of('info')), item('b', of('error')), item('c', of('info')), item('d')];
    expect(countBy(items, ({ severity }) => severity.name)).toEqual([
      ['info', 2],
      ['error', 1],
    ]);
  });
});

test.each([
  [{ dueAtMs: 0 }, true],
  [{ dueAtMs: 99_000 }, false],
  [{ deadlineMs: 0 }, true],
  [{ retries: 3 }, true],
  [{ state: 'ended', dueAtMs: 0 }, false],
  [{}, false],
] as const)('a run with %j is stuck: %s', (given, expected) => {
  const run = { state: 'settling', dueAtMs: null, deadlineMs: null, retries: 0, ...given } as const;
  expect(isStuck(run, 100_000)).toBe(expected);
});

test('what is not set up is a step, in the order in which to do it', () => {
  const health = [
    { name: 'Redis', state: 'good', detail: '' },
    { name: 'Slack', state: 'off', detail: 'set SLACK_BOT_TOKEN' },
  ] as const;
  const steps = setupSteps({ alertsKept: 0, playbooks: 2, health });
  expect(steps.map(({ name, isDone }) => [name, isDone])).toEqual([
    ['Receive alerts', false],
    ['Load playbooks', true],
    ['Set up Slack', false],
  ]);
  expect(steps.at(-1)?.how).toBe('Set SLACK_BOT_TOKEN.');
});

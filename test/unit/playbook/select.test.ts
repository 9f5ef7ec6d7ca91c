import { describe, expect, test } from 'vitest';
import { type Source, sources, sourcesOf } from '../../../src/alertmanager/source.js';
import { createLibrary } from '../../../src/playbook/library.js';
import type { Playbook } from '../../../src/playbook/playbook.js';
import { type Selection, selectPlaybooks } from '../../../src/playbook/select.js';
import { testPlaybook } from './test-playbook.js';

function select(playbooks: readonly Playbook[], labels: Record<string, string>): Selection {
  const input = { labels, annotations: {}, worker_asg: 'workers' };
  return selectPlaybooks(createLibrary(playbooks), input);
}

function names({ selected, shadows }: Selection): { selected: string[]; shadows: string[] } {
  return {
    selected: selected.map(({ name }) => name),
    shadows: shadows.map(({ name }) => name),
  };
}

test('the first match wins', () => {
  const playbooks = [
    testPlaybook('other', 'a=y'),
    testPlaybook('first', 'a=x'),
    testPlaybook('second', 'a=~"x|z"'),
  ];
  expect(names(select(playbooks, { a: 'x' }))).toEqual({ selected: ['first'], shadows: [] });
  expect(names(select(playbooks, { a: 'z' }))).toEqual({ selected: ['second'], shadows: [] });
});

test('a playbook with `continue` lets the alert go on to the next match', () => {
  const playbooks = [
    testPlaybook('one', 'a=x', { continue: true }),
    testPlaybook('two', 'b=x'),
    testPlaybook('three', 'a=x'),
    testPlaybook('four', 'a=x'),
  ];
  expect(names(select(playbooks, { a: 'x' })).selected).toEqual(['one', 'three']);
});

test('a playbook in shadow takes nothing, but is named', () => {
  const playbooks = [
    testPlaybook('trial', 'a=x', { mode: 'shadow' }),
    testPlaybook('real', 'a=x'),
    testPlaybook('late-trial', 'a=x', { mode: 'shadow' }),
  ];
  expect(names(select(playbooks, { a: 'x' }))).toEqual({ selected: ['real'], shadows: ['trial'] });
});

test('a playbook that ignores alerts takes them', () => {
  const playbooks = [testPlaybook('ignore', 'a=x', { ignore: true }), testPlaybook('real', 'a=x')];
  expect(names(select(playbooks, { a: 'x' })).selected).toEqual(['ignore']);
});

test('a condition that is false is no match, and is explained', () => {
  const playbooks = [
    testPlaybook('night', 'a=x', { when: 'labels.a == "y"' }),
    testPlaybook('day', 'a=x', { when: 'labels.a == "x" && worker_asg == "workers"' }),
  ];
  const selection = select(playbooks, { a: 'x' });
  expect(names(selection).selected).toEqual(['day']);
  expect(selection.considered()).toEqual([
    {
      playbook: 'night',
      clause: 'when: labels.a == "y"',
      expected: 'true',
      actual: 'false',
      reason: 'no_match',
      missed: 1,
    },
  ]);
});

test('a condition that cannot be evaluated is no match, and stands first among the reasons', () => {
  const playbooks = [
    testPlaybook('near', 'a=x, b=y'),
    testPlaybook('broken', 'a=x', { when: 'labels.gone == "x"' }),
  ];
  const selection = select(playbooks, { a: 'x' });
  expect(selection.selected).toEqual([]);
  expect(selection.considered().map(({ playbook, reason }) => [playbook, reason])).toEqual([
    ['broken', 'expression_failed'],
    ['near', 'no_match'],
  ]);
  expect(selection.considered()[0]?.actual).toBe('label "gone" is missing');
});

test.each([
  ['a=x', { a: 'y' }, '"x"', '"y"'],
  ['a=x', {}, '"x"', 'missing'],
  ['a=""', { a: 'y' }, 'no such label', '"y"'],
  ['a!=y', { a: 'y' }, 'anything but "y"', '"y"'],
  ['a!=""', {}, 'any value', 'missing'],
  ['a=~"x|z"', { a: 'y' }, 'a match of "x|z"', '"y"'],
  ['a!~"y"', { a: 'y' }, 'no match of "y"', '"y"'],
])('what %s expected of %j and what it found is told', (match, labels, expected, actual) => {
  const met = { met: 'yes', ...labels } as Record<string, string>;
  const { considered: read } = select([testPlaybook('one', `met=yes, ${match}`)], met);
  expect(read()).toMatchObject([{ playbook: 'one', expected, actual, missed: 1 }]);
});

test('where nothing matches, the ten nearest are told, nearest first, though none was a candidate', () => {
  const playbooks = [
    ...Array.from({ length: 20 }, (_, index) =>
      testPlaybook(`far-${index}`, 'a=1, b=2, service=~"w.*"'),
    ),
    testPlaybook('near', 'scale=up, service!=""'),
    testPlaybook('nearer', 'scale=up, service!="", service=web'),
  ];
  const { considered: read } = select(playbooks, { scale: 'upp', service: 'web' });
  const considered = read();
  expect(considered).toHaveLength(10);
  expect(considered.slice(0, 3).map(({ playbook }) => playbook)).toEqual([
    'nearer',
    'near',
    'far-0',
  ]);
  expect(considered[1]).toEqual({
    playbook: 'near',
    clause: 'scale="up"',
    expected: '"up"',
    actual: '"upp"',
    reason: 'no_match',
    missed: 1,
  });
});

test('a playbook that shares nothing with the alert is not near, nor is one that ignores alerts', () => {
  const playbooks = [
    testPlaybook('watchdog', 'alertname=Watchdog'),
    testPlaybook('without', 'alertname=Other, type!=node'),
    testPlaybook('ignored', 'alertname=Other, service=web', { ignore: true }),
  ];
  expect(select(playbooks, { alertname: 'Slow', service: 'web' }).considered()).toEqual([]);
});

test('one that is near is told among thousands on the same alert', () => {
  const playbooks = Array.from({ length: 2_000 }, (_, index) =>
    testPlaybook(`p${index}`, `alertname=Slow, service=s${index}, severity=critical`),
  );
  const labels = { alertname: 'Slow', service: 's1777', severity: 'warning' };
  const [nearest] = select(playbooks, labels).considered();
  expect(nearest).toMatchObject({ playbook: 'p1777', clause: 'severity="critical"', missed: 1 });
});

test.each([...Object.getOwnPropertyNames(Object.prototype), 'prototype'])(
  'a label called %s is matched like any other',
  (name) => {
    const labels = (value: string) =>
      JSON.parse(`{"alertname": "A", "${name}": "${value}"}`) as Record<string, string>;
    const playbooks = [
      testPlaybook('exact', `${name}=x`),
      testPlaybook('expression', `${name}=~"y.*"`),
      testPlaybook('condition', 'alertname=A', { when: `"${name}" in labels` }),
      testPlaybook('missing', `alertname=A, ${name}=""`),
    ];
    expect(names(select(playbooks, labels('x'))).selected).toEqual(['exact']);
    expect(names(select(playbooks, labels('yes'))).selected).toEqual(['expression']);
    expect(names(select(playbooks, labels('z'))).selected).toEqual(['condition']);
    expect(names(select(playbooks, { alertname: 'A' })).selected).toEqual(['missing']);
  },
);

test('a condition that is beyond its budget is no match, and other playbooks take the alert', () => {
  const labels: Record<string, string> = { alertname: 'A' };
  for (let index = 0; index < 3_000; index += 1) labels[`l${index}`] = 'x';
  const when = 'labels.all(a, labels.all(b, a != "" || b != "")) || true';
  const greedy = testPlaybook('greedy', 'alertname=A', { when });
  const alone = select([greedy], labels);
  expect(names(alone).selected).toEqual([]);
  expect(alone.considered()).toMatchObject([
    { playbook: 'greedy', reason: 'expression_failed', actual: expect.stringContaining('steps') },
  ]);
  expect(names(select([greedy, testPlaybook('other', 'alertname=A')], labels)).selected).toEqual([
    'other',
  ]);
});

describe('where an alert comes from', () => {
  const from = (playbooks: readonly Playbook[], source: Source | undefined) =>
    selectPlaybooks(createLibrary(playbooks), {
      labels: { a: 'x' },
      annotations: {},
      worker_asg: '',
      ...(source && { source }),
    });
  const playbooks = [
    testPlaybook('jenkins', 'a=x', { sources: sourcesOf(['jenkins']), saysSource: true }),
    testPlaybook('calls', 'a=x', { sources: sourcesOf(['command']), saysSource: true }),
    testPlaybook('plain', 'a=x'),
  ];

  test.each<[Source | undefined, string]>([
    [undefined, 'plain'],
    ['alertmanager', 'plain'],
    ['grafana', 'plain'],
    ['jenkins', 'jenkins'],
    ['docker-scaler', 'calls'],
  ])('decides which playbook takes it: %s', (source, taker) => {
    expect(names(from(playbooks, source)).selected).toEqual([taker]);
  });

  test('is a clause by which a playbook is missed', () => {
    expect(from(playbooks.slice(0, 1), 'grafana').considered()).toEqual([
      {
        playbook: 'jenkins',
        clause: 'source: jenkins',
        expected: 'jenkins',
        actual: 'grafana',
        reason: 'no_match',
        missed: 1,
      },
    ]);
    const [miss] = from(playbooks.slice(2), 'jenkins').considered();
    expect(miss).toMatchObject({ clause: 'source: [alertmanager, grafana]', actual: 'jenkins' });
  });

  test('that this version does not know is taken by none', () => {
    expect(names(from(playbooks, 'zabbix' as Source)).selected).toEqual([]);
    expect(sources).not.toContain('zabbix');
  });
});

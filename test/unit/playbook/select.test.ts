import { expect, test } from 'vitest';
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

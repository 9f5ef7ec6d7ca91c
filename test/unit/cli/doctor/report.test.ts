import { expect, test } from 'vitest';
import { countOf, renderReport } from '../../../../src/cli/doctor/report.js';
import { note, ok, someOf, warning, wrong } from '../../../../src/lib/finding.js';

test('a report says what is wrong, why it matters and how to fix it, and counts at its end', () => {
  const sections = [
    {
      name: 'Redis',
      findings: [ok('version 7'), wrong('it is full', 'alerts are lost', 'add memory')],
    },
    {
      name: 'Slack',
      findings: [note('not configured'), warning('no secret', 'no clicks', 'set it')],
    },
  ];
  expect(renderReport(sections).split('\n')).toEqual([
    'Redis         ok       version 7',
    '              WRONG    it is full',
    '                       why:  alerts are lost',
    '                       fix:  add memory',
    'Slack         note     not configured',
    '              WARNING  no secret',
    '                       why:  no clicks',
    '                       fix:  set it',
    '',
    'Checked with the environment of this shell; Engine asks the running engine.',
    'wrong: 1, warnings: 1',
    '',
  ]);
  expect(countOf(sections, 'wrong')).toBe(1);
});

test('a report fits the width of a terminal', () => {
  const long = Array.from({ length: 60 }, (_, index) => `word${index}`).join(' ');
  const report = renderReport([{ name: 'AWS', findings: [wrong(long, long, long)] }]);
  expect(Math.max(...report.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(report.match(/word59/g)).toHaveLength(3);
});

test('a report with nothing wrong says so', () => {
  expect(renderReport([{ name: 'AWS', findings: [ok('fine')] }])).toMatch(/\nnothing is wrong\n$/);
});

test('a long list of names is cut, and counted', () => {
  expect(someOf(['a', 'b'])).toBe('a, b');
  expect(someOf(['a', 'b', 'c', 'd', 'e', 'f', 'g'])).toBe('a, b, c, d, e and 2 more');
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLibrary } from '../../../src/playbook/library.js';
import type { Playbook } from '../../../src/playbook/playbook.js';
import { testPlaybook } from './test-playbook.js';

function names(playbooks: readonly Playbook[]): string[] {
  return playbooks.map(({ name }) => name);
}

const library = createLibrary([
  testPlaybook('catch-all', 'severity!=info'),
  testPlaybook('slow-web', 'alertname=Slow, service=web'),
  testPlaybook('slow-db', 'alertname=Slow, service=db'),
  testPlaybook('has-team', 'team!="", alertname!=Slow'),
  testPlaybook('no-team', 'team=""'),
  testPlaybook('down', 'alertname=~"Down.*"'),
]);

test('only playbooks that could match are candidates, in order', () => {
  expect(names(library.candidates({ alertname: 'Slow', service: 'db' }))).toEqual([
    'catch-all',
    'slow-db',
    'no-team',
  ]);
  expect(names(library.candidates({ alertname: 'DownAgain' }))).toEqual([
    'catch-all',
    'no-team',
    'down',
  ]);
  expect(names(library.candidates({ team: 'a' }))).toEqual(['catch-all', 'has-team', 'no-team']);
  expect(names(library.candidates({ constructor: 'x' }))).toEqual(['catch-all', 'no-team']);
});

test('neighbours share a label, the rarest first', () => {
  const labels = { alertname: 'Slow', service: 'db' };
  expect(names(library.neighbours(labels, 10))).toEqual(['slow-db', 'slow-web']);
  expect(names(library.neighbours(labels, 1))).toEqual(['slow-db']);
  expect(names(library.neighbours({ service: 'none' }, 10))).toEqual([]);
});

test('no playbook that matches is left out', () => {
  const name = fc.constantFrom('a', 'b', 'c');
  const wanted = fc.constantFrom('x', 'y', '', 'x.*', '.*y', 'xa?', '(x|ya)y*', 'x)|(y', '.+');
  const value = fc.constantFrom('x', 'y', '', 'xa', 'ay', 'yay', 'xyy');
  const matcher = fc
    .tuple(name, fc.constantFrom('=', '!=', '=~', '!~'), wanted)
    .map(([label, op, text]) => `${label}${op}"${text}"`);
  const matches = fc.array(fc.array(matcher, { minLength: 1, maxLength: 3 }), { maxLength: 30 });
  fc.assert(
    fc.property(matches, fc.dictionary(name, value), (all, labels) => {
      const playbooks = all.map((match, index) => testPlaybook(`p${index}`, match.join()));
      const candidates = createLibrary(playbooks).candidates(labels);
      const matching = playbooks.filter(({ match }) => match.every((one) => one.matches(labels)));
      expect(candidates.filter((one) => matching.includes(one))).toEqual(matching);
      expect(new Set(candidates).size).toBe(candidates.length);
      const order = candidates.map((one) => playbooks.indexOf(one));
      expect(order).toEqual([...order].sort((one, other) => one - other));
    }),
  );
});

const alert = { severity: 'critical', alertname: 'Alert1777', service: 'shop_api_1777' };

test.each([
  ['each of another alert', (index: number) => `severity=critical, alertname=Alert${index}`],
  ['all of one alert', (index: number) => `alertname=Alert1777, service=shop_api_${index}`],
  [
    'by lists',
    (index: number) => `alertname=Alert1777, service=~"cart_${index}|shop_api_${index}"`,
  ],
  ['by beginnings', (index: number) => `severity=critical, service=~"shop_(api|web)_${index}.*"`],
  [
    'by endings',
    (index: number) => `severity!="", service=~".*_${String(index).padStart(4, '0')}"`,
  ],
])('an alert looks at a handful of thousands of playbooks (%s)', (_, match) => {
  const many = Array.from({ length: 2_000 }, (_, index) => testPlaybook(`p${index}`, match(index)));
  const big = createLibrary(many);
  // 1, 17 and 177 are how 1777 begins
  expect(names(big.candidates(alert)).filter((name) => !/^p17{0,2}$/.test(name))).toEqual([
    'p1777',
  ]);
  const other = { ...alert, alertname: 'Other', service: 'none' };
  expect(big.candidates(other)).toEqual([]);
  expect(big.neighbours(alert, 30).length).toBeLessThanOrEqual(30);
});

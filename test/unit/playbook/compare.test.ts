import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clausesOf } from '../../../src/playbook/clauses.js';
import { comparePlaybooks } from '../../../src/playbook/compare.js';
import { createLibrary } from '../../../src/playbook/library.js';
import type { Playbook } from '../../../src/playbook/playbook.js';
import { selectPlaybooks } from '../../../src/playbook/select.js';
import { testPlaybook } from './test-playbook.js';

const input = (labels: Record<string, string>) => ({ labels, annotations: {}, worker_asg: '' });

function compare(playbooks: readonly Playbook[], labels: Record<string, string>) {
  const library = createLibrary(playbooks);
  return comparePlaybooks(library, selectPlaybooks(library, input(labels)), input(labels), {
    maxNear: 100,
  });
}

describe('the clauses of a playbook', () => {
  test('are told with what was expected and what the alert has', () => {
    const playbook = testPlaybook('p', 'a="1", b!="", c=~"x|y", d!~"z", e!="v", f=""', {
      when: 'labels.n == "5"',
    });
    expect(clausesOf(playbook, input({ a: '2', c: 'x', n: '5' }))).toEqual([
      { clause: 'a="1"', expected: '"1"', actual: '"2"', outcome: 'missed' },
      { clause: 'b!=""', expected: 'any value', actual: 'missing', outcome: 'missed' },
      { clause: 'c=~"x|y"', expected: 'a match of "x|y"', actual: '"x"', outcome: 'met' },
      { clause: 'd!~"z"', expected: 'no match of "z"', actual: 'missing', outcome: 'met' },
      { clause: 'e!="v"', expected: 'anything but "v"', actual: 'missing', outcome: 'met' },
      { clause: 'f=""', expected: 'no such label', actual: 'missing', outcome: 'met' },
      { clause: 'when: labels.n == "5"', expected: 'true', actual: 'true', outcome: 'met' },
    ]);
  });

  test('are evaluated also where another is missed; one without a value has failed', () => {
    const playbook = testPlaybook('p', 'a="1"', { when: 'labels.n == "5"' });
    const [, condition] = clausesOf(playbook, input({}));
    expect(condition).toMatchObject({ outcome: 'failed', actual: 'label "n" is missing' });
    expect(clausesOf(playbook, input({ n: '6' }))[1]).toMatchObject({ outcome: 'missed' });
  });
});

const label = fc.constantFrom('', '1', '2');
const matcher = fc
  .tuple(fc.constantFrom('a', 'b'), fc.constantFrom('=', '!=', '=~', '!~'), label)
  .map(([name, op, value]) => `${name}${op}"${value}"`);
const random = fc.record({
  match: fc.array(matcher, { minLength: 1, maxLength: 3 }),
  when: fc.constantFrom(undefined, 'labels.a == "1"', '"b" in labels'),
  mode: fc.constantFrom('auto', 'shadow'),
  continue: fc.boolean(),
});

test('who takes an alert here takes it in earnest, and whoever misses it misses a clause', () => {
  fc.assert(
    fc.property(fc.array(random, { maxLength: 5 }), label, label, (drafts, a, b) => {
      const playbooks = drafts.map(({ match, when, ...rest }, index) =>
        testPlaybook(`p${index}`, match.join(','), { ...rest, ...(when && { when }) } as never),
      );
      const labels = { ...(a && { a }), ...(b && { b }) };
      const { selected, shadows } = selectPlaybooks(createLibrary(playbooks), input(labels));
      const compared = compare(playbooks, labels);
      const named = (standing: string) =>
        compared.filter((one) => one.standing === standing).map(({ playbook }) => playbook);
      expect(named('takes')).toEqual(selected.map(({ name }) => name));
      expect(named('shadow')).toEqual(shadows.map(({ name }) => name));
      for (const { standing, missed } of compared) expect(missed > 0).toBe(standing === 'misses');
      // whoever comes late would take the alert if it stood alone
      for (const name of named('comes_late')) {
        const alone = playbooks.filter((playbook) => playbook.name === name);
        const { selected, shadows } = selectPlaybooks(createLibrary(alone), input(labels));
        expect(selected.length + shadows.length).toBe(1);
      }
    }),
  );
});

test('those that match stand first, then those that miss least and share most, then those that share nothing', () => {
  const playbooks = [
    testPlaybook('strange', 'z="1"'),
    testPlaybook('far', 'a="1", y="1", z="1"'),
    testPlaybook('near', 'a="1", z="1"'),
    testPlaybook('nearer', 'a="1", b="1", z="1"'),
    testPlaybook('first', 'a="1"'),
    testPlaybook('late', 'b="1"'),
  ];
  const compared = compare(playbooks, { a: '1', b: '1' });
  expect(compared.map(({ playbook, standing, after }) => [playbook, standing, after])).toEqual([
    ['first', 'takes', null],
    ['late', 'comes_late', 'first'],
    ['nearer', 'misses', null],
    ['near', 'misses', null],
    ['far', 'misses', null],
    ['strange', 'misses', null],
  ]);
});

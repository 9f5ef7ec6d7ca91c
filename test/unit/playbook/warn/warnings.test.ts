import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createOfflineRegistry } from '../../../../src/integrations/offline-registry.js';
import { allAtOnce } from '../../../../src/lib/steps.js';
import { createPlaybookParser } from '../../../../src/playbook/parse.js';
import { defaultPolicy } from '../../../../src/playbook/policy.js';
import { formatProblem, type PlaybookProblem } from '../../../../src/playbook/problem.js';
import { fighting } from '../../../../src/playbook/warn/fighting.js';
import { implies } from '../../../../src/playbook/warn/overlap.js';
import { shadowed } from '../../../../src/playbook/warn/shadowed.js';
import { findWarnings } from '../../../../src/playbook/warn/warnings.js';

const parseSteps = createPlaybookParser(createOfflineRegistry());
const parse = (file: string, text: string) => allAtOnce(parseSteps(file, text));

/** A playbook in the manner of `name: match`, more keys, and the steps' action and parameters. */
function playbook(name: string, match: string, more = '', step = 'by: 1, max: 5'): string {
  return `name: ${name}\nsummary: s\nmatch: '${match}'\n${more}steps:\n  - swarm.scale: { service: "\${{ labels.service }}", ${step} }\n`;
}

function warningsFor(...texts: string[]): string[] {
  const { parsed, problems } = parse('a.yaml', texts.join('---\n'));
  expect(problems).toEqual([]);
  expect(parsed).toHaveLength(texts.length);
  return findWarnings({ parsed, policy: defaultPolicy }).map(({ message }) => message);
}

describe('a playbook is told to be never reached', () => {
  test.each([
    ['the same matchers', 'a = "x"', 'a = "x"'],
    ['more matchers', 'a = "x"', 'a = "x", b = "y"'],
    ['an expression that takes its value', 'a =~ "x|y"', 'a = "x"'],
    ['a wider expression', 'a =~ "shop_.*"', 'a =~ "shop_(web|db)"'],
    ['a value instead of any', 'a != ""', 'a =~ "x.*"'],
    ['what is left out', 'a !~ "x.*"', 'a = "y", b != ""'],
    ['an expression without the exception', 'a =~ ".+", a != "z"', 'a =~ "x|y"'],
    ['a name of every object', '__proto__ =~ "x|y"', '__proto__ = "x"'],
    ['an expression on a name of every object', 'constructor =~ "x.*"', 'constructor =~ "xy.*"'],
    ['a matcher that a missing label fulfils', 'a != "x"', 'b = "y", a = ""'],
  ])('behind one with %s', (_, earlier, later) => {
    expect(warningsFor(playbook('one', earlier), playbook('two', later))).toEqual([
      expect.stringContaining('never reached: one (a.yaml) comes first'),
    ]);
  });

  test('behind one that ignores, and behind one with the same condition', () => {
    const ignoring = 'name: one\nsummary: s\nmatch: a = "x"\nignore: true\n';
    expect(warningsFor(ignoring, playbook('two', 'a = "x"'))).toHaveLength(1);
    const when = 'when: labels.b == "c"\n';
    expect(
      warningsFor(playbook('one', 'a = "x"', when), playbook('two', 'a = "x"', when)),
    ).toHaveLength(1);
  });
});

describe('no playbook is told to be never reached', () => {
  test.each([
    ['fewer matchers', 'a = "x", b = "y"', 'a = "x"'],
    ['another value', 'a = "x"', 'a = "y"'],
    ['a narrower expression', 'a =~ "shop_web"', 'a =~ "shop_.*"'],
    ['a matcher on a label that it does not name', 'a != ""', 'b = "y"'],
    ['an exception', 'a =~ ".*", a != "x"', 'a =~ "x|y"'],
    ['an expression that stops at a new line', 'a =~ ".*"', 'a != ""'],
  ])('behind one with %s', (_, earlier, later) => {
    expect(warningsFor(playbook('one', earlier), playbook('two', later))).toEqual([]);
  });

  test.each(['continue: true\n', 'mode: shadow\n', 'when: labels.b == "c"\n'])(
    'behind one with %j',
    (more) => {
      expect(warningsFor(playbook('one', 'a = "x"', more), playbook('two', 'a = "x"'))).toEqual([]);
    },
  );
});

describe('two playbooks fight', () => {
  const up = playbook('up', 'a = "x"', 'continue: true\n', 'by: 1, max: 5');
  const down = (match: string, more = '', step = 'by: -1, min: 1') =>
    playbook('down', match, more, step);

  test('if both act on one alert in opposite directions', () => {
    expect(warningsFor(up, down('b = "y"'))).toEqual([
      expect.stringMatching(
        /^this step scales down, up \(a.yaml\) scales up on the same target, and both match an alert with a="x", b="y": they undo each other$/,
      ),
    ]);
    expect(warningsFor(up, down('a = "x"', '', 'direction: down'))).toHaveLength(1);
  });

  test('if their order decides', () => {
    expect(warningsFor(playbook('up', 'a = "x"'), down('b = "y"'))).toEqual([
      expect.stringContaining('their order decides'),
    ]);
  });

  test.each([
    ['match different alerts', down('a = "y"')],
    ['match alerts of which one lacks what the other needs', down('a = "", b = "y"')],
    ['go the same way', down('b = "y"', '', 'by: 2, max: 5')],
    ['have a condition that may tell them apart', down('b = "y"', 'when: labels.c == "d"\n')],
    ['only show what they would do', down('b = "y"', 'mode: shadow\n')],
    ['name different targets', down('b = "y"').replace('labels.service', 'labels.other')],
    [
      'leave the direction to the alert',
      down('b = "y"', '', 'by: "${{ int(labels.by) }}", min: 1'),
    ],
  ])('not if they %s', (_, other) => {
    expect(warningsFor(up, other)).toEqual([]);
  });

  test('not if expressions tell their alerts apart', () => {
    const more = 'continue: true\n';
    const other = down('a =~ "y.*", b = "z"');
    expect(warningsFor(playbook('up', 'a =~ "x.*"', more), other)).toEqual([]);
    expect(warningsFor(playbook('up', 'a =~ ".*y"', more), other)).toHaveLength(1);
  });

  test('not if one is an exception from the other, as the first match wins', () => {
    expect(
      warningsFor(
        playbook('idle', 'a = "x", b = "y"', '', 'by: -1, min: 1'),
        playbook('busy', 'a = "x"'),
      ),
    ).toEqual([]);
  });
});

test('steps that nobody can verify are told by name', () => {
  const text = `${playbook('one', 'a = "x"')}    repeat: 2\n  - swarm.scale: { service: web, by: 1 }\n`;
  const { parsed } = parse('a.yaml', text);
  const alertmanager = { ...defaultPolicy.alertmanager, sendResolved: false };
  const policy = { ...defaultPolicy, alertmanager };
  expect(findWarnings({ parsed, policy }).map(({ line }) => line)).toEqual([6, 7]);
  expect(findWarnings({ parsed, policy: defaultPolicy })).toEqual([]);
});

test.each([
  [{ min: 6, max: undefined }, 'by: 1, max: 5', 1],
  [{ min: undefined, max: 3 }, 'by: -1, min: 4', 1],
  [{ min: 6, max: undefined }, 'by: 1, min: 1, max: 5', 0],
  [{ min: 5, max: 5 }, 'by: 1, max: 5', 0],
])('with the bounds %j in the policy, a step with %s gets %i warnings', (bounds, step, count) => {
  const { parsed } = parse('a.yaml', playbook('one', 'a = "x"', '', step));
  expect(findWarnings({ parsed, policy: { ...defaultPolicy, bounds } })).toHaveLength(count);
});

test("an Auto Scaling group's own bounds are none of the policy's business", () => {
  const text = playbook('one', 'a = "x"').replace('swarm.scale: { service', 'asg.resize: { group');
  const { parsed } = parse('a.yaml', text);
  const bounds = { min: 9, max: undefined };
  expect(findWarnings({ parsed, policy: { ...defaultPolicy, bounds } })).toEqual([]);
});

describe('among many playbooks', () => {
  const name = fc.constantFrom('a', 'b', 'c');
  const value = fc.constantFrom('x', 'y', '', 'x.*', '(x|y)', '.*y', '.+');
  const matcher = fc
    .tuple(name, fc.constantFrom('=', '=', '!=', '=~', '!~'), value)
    .map(([label, op, text]) => `${label} ${op} "${text}"`);
  const match = fc.array(matcher, { minLength: 1, maxLength: 3 }).map((all) => all.join(', '));
  const move = fc.record({ match, up: fc.boolean(), goesOn: fc.boolean() });
  const parsedOf = (moves: readonly { match: string; up: boolean; goesOn: boolean }[]) =>
    moves.flatMap(({ match, up, goesOn }, index) => {
      const more = goesOn ? 'continue: true\n' : '';
      const step = up ? 'by: 1, max: 5' : 'by: -1, min: 1';
      return parse(`${index}.yaml`, playbook(`p${index}`, match, more, step)).parsed;
    });

  test('those that are never reached are all behind one that takes what they match', () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 12 }), (moves) => {
        const parsed = parsedOf(moves);
        const unreached = parsed.filter(({ playbook }, index) =>
          parsed
            .slice(0, index)
            .some(({ playbook: other }) => !other.continue && implies(playbook, other)),
        );
        expect(shadowed(parsed).map(({ file }) => file)).toEqual(
          unreached.map(({ playbook }) => playbook.file),
        );
      }),
    );
  });

  test('those that fight are the same as in pairs', () => {
    fc.assert(
      fc.property(fc.array(move, { maxLength: 8 }), (moves) => {
        const parsed = parsedOf(moves);
        const pairs = parsed.flatMap((later, index) =>
          parsed.slice(0, index).flatMap((earlier) => fighting([earlier, later])),
        );
        const told = (problems: readonly PlaybookProblem[]) => problems.map(formatProblem).sort();
        expect(told(fighting(parsed))).toEqual(told(pairs));
      }),
    );
  });
});

describe('the label command, which calls carry and an alert may carry too', () => {
  test.each([
    ['command = "jenkins"', 'source: jenkins'],
    ['command = "docker-scaler"', 'source: docker-scaler'],
    ['command =~ "jenkins|docker-scaler"', 'source: command'],
    ['command != ""', 'source: command'],
  ])('asks for source where a playbook matches by %s', (match, advice) => {
    expect(warningsFor(playbook('one', match))).toEqual([expect.stringContaining(advice)]);
    expect(warningsFor(playbook('one', match, `${advice}\n`))).toEqual([]);
  });

  test.each(['command = "nginx"', 'command !~ "jenkins"', 'a = "x"', 'command = ""'])(
    'asks for nothing where a playbook matches by %s',
    (match) => {
      expect(warningsFor(playbook('one', match))).toEqual([]);
    },
  );

  test.each([
    ['command = "jenkins"', 'docker-scaler'],
    ['command = "nginx"', 'command'],
  ])('%s is never reached by %s', (match, source) => {
    expect(warningsFor(playbook('one', match, `source: ${source}\n`))).toEqual([
      expect.stringContaining('never reached'),
    ]);
  });
});

describe('playbooks for different sources', () => {
  const calls = (name: string, source: string) => playbook(name, 'a = "x"', `source: ${source}\n`);

  test("do not stand in each other's way", () => {
    expect(warningsFor(calls('one', 'jenkins'), playbook('two', 'a = "x"'))).toEqual([]);
    expect(warningsFor(playbook('one', 'a = "x"'), calls('two', 'jenkins'))).toEqual([]);
    const down = 'by: -1, min: 1';
    expect(
      warningsFor(calls('one', 'jenkins'), playbook('two', 'a = "x"', 'continue: true\n', down)),
    ).toEqual([]);
  });

  test('do where one takes all that the other takes', () => {
    expect(warningsFor(calls('one', '[command, grafana]'), calls('two', 'jenkins'))).toEqual([
      expect.stringContaining('never reached: one'),
    ]);
    expect(warningsFor(calls('one', 'jenkins'), calls('two', 'command'))).toEqual([]);
  });
});

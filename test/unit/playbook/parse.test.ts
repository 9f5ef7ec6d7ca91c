import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { allAtOnce } from '../../../src/lib/steps.js';
import { createPlaybookParser } from '../../../src/playbook/parse.js';
import type { Playbook } from '../../../src/playbook/playbook.js';
import { formatProblem } from '../../../src/playbook/problem.js';
import { testAction } from './test-action.js';

const scale = testAction(
  'test.scale',
  z
    .strictObject({
      service: z.string().min(1),
      by: z.int().optional(),
      direction: z.enum(['up', 'down']).optional(),
      max: z.int().min(0).optional(),
    })
    .refine(({ by, direction }) => (by === undefined) !== (direction === undefined), {
      error: 'expected exactly one of by and direction',
    }),
);
const restart = testAction('test.restart', z.strictObject({ service: z.string() }));
const parseSteps = createPlaybookParser(
  new Map([scale, restart].map((action) => [action.name, action])),
);
const parse = (file: string, text: string) => allAtOnce(parseSteps(file, text));

const head = 'name: slow\nsummary: It is slow.\n';
const tail = 'steps:\n  - test.restart: { service: web }\n';

function problemsOf(text: string): string[] {
  return parse('a.yaml', text).problems.map(formatProblem);
}

function onlyPlaybook(text: string): Playbook {
  const { parsed, problems } = parse('a.yaml', text);
  expect(problems).toEqual([]);
  expect(parsed).toHaveLength(1);
  return (parsed[0] as (typeof parsed)[0]).playbook;
}

describe('a playbook', () => {
  const full = `# for the shop
name: scale-slow-service
summary: Adds replicas.
owner: payments
match:
  - alertname = "ServiceSlow"
  - severity =~ "warning|critical", team != ""
when: labels.service.startsWith("shop_")
mode: auto
continue: true
steps:
  - test.scale: { service: "\${{ labels.service }}", by: 1, max: 8 }
    settle: 3m
    repeat: 3
    undo: true
  - test.restart:
      service: web
guards:
  cooldown: 20m
  limits: [3 per 1h, 7 per 1d]
escalate: { channel: "#payments", after: 30m, then: [{ after: 5m, channel: "#leads" }] }
`;

  test('is read with all that it says', () => {
    const playbook = onlyPlaybook(full);
    expect(playbook).toMatchObject({
      name: 'scale-slow-service',
      summary: 'Adds replicas.',
      owner: 'payments',
      file: 'a.yaml',
      text: full,
      hash: createHash('sha256').update(full).digest('hex'),
      mode: 'auto',
      continue: true,
      ignore: false,
      guards: {
        cooldownMs: 1_200_000,
        limits: [
          { count: 3, windowMs: 3_600_000, text: '3 per 1h' },
          { count: 7, windowMs: 86_400_000, text: '7 per 1d' },
        ],
      },
      escalate: {
        channel: '#payments',
        afterMs: 1_800_000,
        tiers: [{ afterMs: 300_000, channel: '#leads', mention: [] }],
      },
    });
    expect(playbook.match.map(String)).toEqual([
      'alertname="ServiceSlow"',
      'severity=~"warning|critical"',
      'team!=""',
    ]);
    expect(playbook.when?.text).toBe('labels.service.startsWith("shop_")');
    const [first, second] = playbook.steps;
    expect(first).toMatchObject({ action: scale, settleMs: 180_000, repeat: 3, undo: true });
    expect(Object.keys(first?.params ?? {})).toEqual(['service', 'by', 'max']);
    expect(second).toMatchObject({ action: restart, settleMs: 120_000, repeat: 1, undo: false });
  });

  test.each([
    ['', ['alertmanager', 'grafana']],
    ['source: grafana\n', ['grafana']],
    ['source: [alertmanager, docker-scaler]\n', ['alertmanager', 'docker-scaler']],
    ['source: command\n', ['jenkins', 'docker-scaler']],
    ['source: [jenkins, command]\n', ['jenkins', 'docker-scaler']],
  ])('takes alerts from where it says: %j', (source, sources) => {
    const playbook = onlyPlaybook(`${head}${source}match: a=b\n${tail}`);
    expect([...playbook.sources]).toEqual(sources);
    expect(playbook.saysSource).toBe(source !== '');
  });

  test.each(['jenkin', '[]', '[alertmanager, zabbix]', '{ a: b }', ''])(
    'takes none from %j, which is no source',
    (source) => {
      expect(problemsOf(`${head}source: ${source}\nmatch: a=b\n${tail}`)).toEqual([
        expect.stringMatching(/^a\.yaml:3:\d+: source.*: expected /),
      ]);
    },
  );

  test('asks a person first and rests for ten minutes, unless it says otherwise', () => {
    expect(onlyPlaybook(`${head}match: a=b\n${tail}`)).toMatchObject({
      owner: undefined,
      when: undefined,
      mode: 'approve',
      continue: false,
      ignore: false,
      guards: { cooldownMs: 600_000, limits: [] },
      escalate: { channel: undefined, afterMs: undefined, tiers: undefined },
    });
  });

  test('that ignores alerts has no steps', () => {
    const playbook = onlyPlaybook(`${head}match: a=b\nignore: true\n`);
    expect(playbook).toMatchObject({ ignore: true, steps: [] });
  });

  test('may rest for no time at all', () => {
    expect(
      onlyPlaybook(`${head}match: a=b\n${tail}guards: { cooldown: 0 }\n`).guards.cooldownMs,
    ).toBe(0);
  });

  test('may use anchors of YAML', () => {
    const text = `${head}match: &m [a=b]\nsteps:\n  - test.restart: &p { service: web }\n  - test.restart: *p\n`;
    expect(onlyPlaybook(text).steps).toHaveLength(2);
  });

  test('stands in a document of its own, of which a file may have several', () => {
    const first = `# one\n${head}match: a=b\n${tail}`;
    const second = `---\n# two\nname: other\nsummary: Another.\nmatch: a=c\nignore: true\n`;
    const { parsed, problems } = parse('a.yaml', `${first}${second}---\n# nothing\n`);
    expect(problems).toEqual([]);
    expect(parsed.map(({ playbook }) => [playbook.name, playbook.text])).toEqual([
      ['slow', first],
      ['other', second],
    ]);
    expect(parse('a.yaml', second).parsed[0]?.playbook.hash).toBe(parsed[1]?.playbook.hash);
  });

  test('of which there is none, as a file with comments only, is no problem', () => {
    expect(parse('a.yaml', '# later\n')).toEqual({ parsed: [], problems: [] });
    expect(parse('a.yaml', '')).toEqual({ parsed: [], problems: [] });
  });
});

describe('a fault is named with file, line, column and what was expected', () => {
  const listed =
    'name, summary, owner, source, match, when, requires, mode, continue, ignore, steps, guards, escalate, approvers';

  test.each<[string, string, string[]]>([
    [
      'an unknown key',
      `${head}match: a=b\nmoed: auto\n${tail}`,
      [`4:1: unknown key "moed": expected one of ${listed}; did you mean "mode"?`],
    ],
    [
      'an unknown key of the guards',
      `${head}match: a=b\n${tail}guards:\n  limit: []\n`,
      [
        '7:3: guards: unknown key "limit": expected one of cooldown, limits; did you mean "limits"?',
      ],
    ],
    [
      'a key that occurs twice',
      `${head}match: a=b\n${tail}mode: auto\nmode: auto\n`,
      ['7:1: the key mode occurs twice'],
    ],
    [
      'a parameter that occurs twice',
      `${head}match: a=b\nsteps:\n  - test.restart: { service: a, service: b }\n`,
      ['5:33: the key service occurs twice'],
    ],
    ['no name', `summary: x\nmatch: a=b\n${tail}`, ['1:1: name: missing; expected a string']],
    [
      'a bad name',
      `name: Slow_Service\nsummary: x\nmatch: a=b\n${tail}`,
      ['1:7: name: expected small letters, digits and single hyphens, such as scale-slow-service'],
    ],
    [
      'an empty summary',
      `name: a\nsummary: ""\nmatch: a=b\n${tail}`,
      ['2:10: summary: expected a non-empty string, got ""'],
    ],
    ['no matchers', `${head}${tail}`, ['1:1: match: missing; expected a string or a list']],
    [
      'an empty list of matchers',
      `${head}match: []\n${tail}`,
      ['3:8: match: expected at least 1 entry, got an empty list'],
    ],
    [
      'a matcher that matches everything',
      `${head}match: ["{}"]\n${tail}`,
      ['3:10: match[0]: expected a matcher such as alertname = "ServiceSlow"'],
    ],
    [
      'bad matchers',
      `${head}match:\n  - a=b, c=\n  - 'x'\n  - "a\\tb"\n${tail}`,
      [
        '4:12: match[0]: expected a value ("" for an empty one), got the end',
        '5:7: match[1]: expected one of = != =~ !~ after the label name, got the end',
        '6:5: match[2]: expected one of = != =~ !~ after the label name, got b (at character 3 of the text)',
      ],
    ],
    [
      'a bad regular expression',
      `${head}match: 'a =~ "["'\n${tail}`,
      ['3:14: match: "[" is not an RE2 regular expression: missing closing ]'],
    ],
    [
      'a bad condition',
      `${head}match: a=b\nwhen: labels.a == 5\n${tail}`,
      [
        '4:7: when: a string cannot be compared with a number (string == int): labels are strings; write int(…) around the label, or quote the number',
      ],
    ],
    [
      'a condition that is none',
      `${head}match: a=b\nwhen: true\n${tail}`,
      ['4:7: when: expected a string, got true'],
    ],
    [
      'an unknown mode',
      `${head}match: a=b\nmode: atuo\n${tail}`,
      ['4:7: mode: expected one of shadow, approve, auto, got "atuo"; did you mean "auto"?'],
    ],
    [
      'YAML of old',
      `${head}match: a=b\ncontinue: yes\n${tail}`,
      ['4:11: continue: expected true or false, got "yes"'],
    ],
    [
      'no steps',
      `${head}match: a=b\n`,
      ['1:1: steps: missing; expected at least one step, or "ignore: true"'],
    ],
    [
      'an empty list of steps',
      `${head}match: a=b\nsteps: []\n`,
      ['4:8: steps: expected at least 1 entry, got an empty list'],
    ],
    [
      'steps that are no list',
      `${head}match: a=b\nsteps: { test.restart: {} }\n`,
      ['4:8: steps: expected a list, got a mapping'],
    ],
    [
      'steps of an alert to ignore',
      `${head}match: a=b\nignore: true\n${tail}`,
      ['5:1: a playbook with "ignore: true" cannot have steps'],
    ],
    [
      'an unknown action',
      `${head}match: a=b\nsteps:\n  - test.restrat: { service: a }\n`,
      [
        '5:5: steps[0]: unknown key "test.restrat": expected one of test.scale, test.restart, settle, repeat, undo; did you mean "test.restart"?',
      ],
    ],
    [
      'a step without an action',
      `${head}match: a=b\nsteps:\n  - settle: 5m\n`,
      ['5:5: steps[0]: expected exactly one action, got none'],
    ],
    [
      'a step with two actions',
      `${head}match: a=b\nsteps:\n  - test.restart: { service: a }\n    test.scale: { service: a, by: 1 }\n`,
      ['5:5: steps[0]: expected exactly one action, got test.restart, test.scale'],
    ],
    [
      'a step that is a word',
      `${head}match: a=b\nsteps: [test.restart]\n`,
      ['4:9: steps[0]: expected a mapping (key: value), got "test.restart"'],
    ],
    [
      'an action without parameters',
      `${head}match: a=b\nsteps:\n  - test.restart:\n`,
      ['5:18: steps[0].test.restart: expected a mapping (key: value), got nothing'],
    ],
    [
      'bad settings of a step',
      `${head}match: a=b\nsteps:\n  - test.restart: { service: a }\n    settle: 10\n    repeat: 0\n    undo: 1\n`,
      [
        '6:13: steps[0].settle: expected a duration such as 30s, 5m or 1h30m (units y w d h m s ms, largest first), got "10"',
        '7:13: steps[0].repeat: expected a number of at least 1, got 0',
        '8:11: steps[0].undo: expected true or false, got 1',
      ],
    ],
    [
      'bad limits',
      `${head}match: a=b\n${tail}guards: { limits: [3 per 1h, 3 an hour] }\n`,
      ['6:30: guards.limits[1]: expected a limit such as "3 per 1h", at least 1, got "3 an hour"'],
    ],
    [
      'a place to escalate to that is none',
      `${head}match: a=b\n${tail}escalate: "#ops"\n`,
      ['6:11: escalate: expected a mapping (key: value), got "#ops"'],
    ],
    ['a document that is a list', '- a\n', ['1:1: expected a mapping (key: value), got a list']],
    [
      'an unclosed bracket',
      `${head}match: [a=b\n`,
      [
        '4:1: invalid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
      ],
    ],
    [
      'an expression that is not quoted between braces',
      `${head}match: a=b\nsteps:\n  - test.restart: { service: \${{ labels.a }} }\n`,
      [
        '5:31: invalid YAML: Unexpected flow-map-start at node end; between { and }, quote a value that starts with ${{',
      ],
    ],
    [
      'a key that is no text',
      `${head}match: a=b\n? [a]\n: b\n${tail}`,
      ['4:3: invalid YAML: With stringKeys, all keys must be strings'],
    ],
    ['a tag', `${head}match: !glob a=b\n${tail}`, ['3:8: invalid YAML: Unresolved tag: !glob']],
  ])('%s', (_, text, problems) => {
    expect(problemsOf(text)).toEqual(problems.map((problem) => `a.yaml:${problem}`));
    expect(parse('a.yaml', text).parsed).toEqual([]);
  });

  test.each<[string, string, string[]]>([
    [
      'an unknown parameter',
      '{ service: a, by: 1, maxx: 3 }',
      [
        '38: steps[0].test.scale: unknown key "maxx": expected one of service, by, direction, max; did you mean "max"?',
      ],
    ],
    [
      'a missing parameter',
      '{ by: 1 }',
      ['17: steps[0].test.scale.service: missing; expected a string'],
    ],
    [
      'a number for a text',
      '{ service: 5, by: 1 }',
      ['28: steps[0].test.scale.service: expected a string, got 5'],
    ],
    [
      'a text for a number',
      '{ service: a, by: "1" }',
      ['35: steps[0].test.scale.by: expected a number, got "1"'],
    ],
    [
      'a number out of range',
      '{ service: a, by: 1, max: -1 }',
      ['43: steps[0].test.scale.max: expected a number of at least 0, got -1'],
    ],
    [
      'a parameter that is a list',
      '{ service: [a], by: 1 }',
      ['28: steps[0].test.scale.service: expected a string, got a list'],
    ],
    [
      'a parameter that is nothing',
      '{ service: ~, by: 1 }',
      [
        '28: steps[0].test.scale.service: expected a string, a number, true or false, a list or a mapping, got nothing',
      ],
    ],
    [
      'a rule about several parameters',
      '{ service: "${{ labels.a }}" }',
      ['17: steps[0].test.scale: expected exactly one of by and direction'],
    ],
    [
      'a bad expression',
      '{ service: "x-${{ label.a }}", by: 1 }',
      [
        '35: steps[0].test.scale.service: unknown name "label": expected one of labels, annotations, route, worker_asg; did you mean "labels"?',
      ],
    ],
    [
      'an expression of the wrong type',
      '{ service: a, by: "${{ labels.by }}" }',
      [
        '35: steps[0].test.scale.by: expected an expression of type number, got string; int(…) converts a string to a number',
      ],
    ],
    [
      'a fault beside an expression',
      '{ service: "${{ labels.a }}", by: "${{ 1 }}", max: -1 }',
      ['68: steps[0].test.scale.max: expected a number of at least 0, got -1'],
    ],
  ])('in parameters: %s', (_, params, problems) => {
    const text = `${head}match: a=b\nsteps:\n  - test.scale: ${params}\n`;
    expect(problemsOf(text)).toEqual(problems.map((problem) => `a.yaml:5:${problem}`));
  });

  test('what an expression gives is not judged before there is an alert', () => {
    const params = [
      '{ service: "${{ labels.a }}", direction: "${{ labels.scale }}" }',
      '{ service: a, by: "${{ int(labels.by) }}", max: "${{ int(labels.max) }}" }',
    ];
    for (const written of params) {
      expect(problemsOf(`${head}match: a=b\nsteps:\n  - test.scale: ${written}\n`)).toEqual([]);
    }
  });

  test('every fault of every document is named, and the good documents are read', () => {
    const text = `name: A\nmode: off\n${tail}---\n${head}match: a=b\n${tail}---\na: [\n`;
    const { parsed, problems } = parse('a.yaml', text);
    expect(problems.map(({ line, column }) => [line, column])).toEqual([
      [1, 1],
      [1, 1],
      [1, 7],
      [2, 7],
      [13, 1],
    ]);
    expect(parsed.map(({ playbook }) => playbook.name)).toEqual(['slow']);
  });
});

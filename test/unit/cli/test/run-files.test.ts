import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hasPassed, report } from '../../../../src/cli/test/report.js';
import { type FileResult, runFiles } from '../../../../src/cli/test/run-files.js';

const playbook = `
name: scale-up
summary: Adds a replica.
match: alertname = "Slow"
mode: auto
steps:
  - swarm.scale: { service: "\${{ labels.service }}", by: 1, max: 3 }
    settle: 2m
guards: { cooldown: 5m }
`;
const web = 'services: { web: { replicas: 2 } }\n';
const slow = '{ labels: { alertname: Slow, service: web } }';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jidoka-test-'));
  await write('up.yaml', playbook);
});
afterEach(() => rm(folder, { recursive: true }));

async function write(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
  return path;
}

/** Runs the tests of a text, in a file of their own. */
async function run(text: string, paths = [folder], only = ''): Promise<FileResult> {
  await write('up.test.yaml', text);
  const [result] = await runFiles({ paths, folder, policy: undefined, only });
  if (result === undefined) throw new Error('nothing was run');
  return result;
}

/** A file with one test of a slow service that expects this. */
const expecting = (expected: string, alerts = slow) =>
  `${web}tests:\n  - name: it\n    alerts: [${alerts}]\n    expect:\n      - ${expected}\n`;

const shown = (result: FileResult) => report([result], 'text', { color: false });

describe('an alert of a test', () => {
  const took = '{ at: 1m, effects: [{ web: 2 -> 3 }] }';
  const labels = 'labels: { alertname: Slow, service: web }';

  test.each([
    ['source: jenkins\n', `{ ${labels}, source: jenkins }`],
    ['source: jenkins\n', '{ labels: { alertname: Slow, service: web, command: jenkins } }'],
    ['source: grafana\n', `{ ${labels}, source: grafana }`],
    ['when: route.team == "shop"\n', `{ ${labels}, route: { team: shop } }`],
  ])('comes from where it says, and by its route: %j', async (says, alert) => {
    await write('up.yaml', playbook.replace('mode: auto', `${says}mode: auto`));
    expect((await run(expecting(took, alert))).findings).toEqual([]);
    expect(hasPassed(await run(expecting(took, alert)))).toBe(true);
    expect(hasPassed(await run(expecting(took, slow)))).toBe(false);
  });

  test('may pretend to be a call', async () => {
    await write('up.yaml', playbook.replace('mode: auto', 'source: jenkins\nmode: auto'));
    const pretender =
      '{ labels: { alertname: Slow, service: web, command: jenkins }, source: alertmanager }';
    expect(hasPassed(await run(expecting('{ at: 1m, effects: [] }', pretender)))).toBe(true);
  });
});

describe('an expectation', () => {
  test.each([
    ['effects', '{ at: 1m, effects: [{ web: 2 -> 3 }] }', '{ at: 1m, effects: [] }'],
    [
      'effects in order and whole',
      '{ at: 1m, effects: [{ web: 2 → 3 }] }',
      '{ at: 1m, effects: [{ web: 2 -> 4 }] }',
    ],
    ['no message', '{ at: 1m, messages: [] }', '{ at: 5m, messages: [] }'],
    [
      'a message',
      '{ at: 5m, messages: [{ reason: exhausted }] }',
      '{ at: 5m, messages: [{ reason: at_bound }] }',
    ],
    [
      'a title',
      '{ at: 5m, messages: [{ title: "Slow: web" }] }',
      '{ at: 5m, messages: [{ title: "Slow" }] }',
    ],
    [
      'a text',
      '{ at: 5m, messages: [{ contains: [from 2, to 3] }] }',
      '{ at: 5m, messages: [{ contains: [from 2, to 4] }] }',
    ],
    [
      'a pattern',
      '{ at: 5m, messages: [{ matches: "from .d to .d" }] }'.replaceAll('.d', '\\\\d'),
      '{ at: 5m, messages: [{ matches: "^to" }] }',
    ],
    [
      'a channel',
      '{ at: 5m, messages: [{ channel: "#ops" }] }',
      '{ at: 5m, messages: [{ channel: "#dev" }] }',
    ],
    [
      'buttons',
      '{ at: 5m, messages: [{ choices: [Scale web 3 → 4, Scale web 3 → 2, Restart web, Acknowledge, Dismiss] }] }',
      '{ at: 5m, messages: [{ choices: [Dismiss] }] }',
    ],
    [
      'a decision',
      '{ at: 1m, decisions: [{ fate: run, reason: matched, playbook: scale-up }] }',
      '{ at: 1m, decisions: [{ fate: held }] }',
    ],
    [
      'whose decision',
      '{ at: 1m, decisions: [{ alert: { service: web }, fate: run }] }',
      '{ at: 1m, decisions: [{ alert: { service: db }, fate: run }] }',
    ],
    [
      'a run',
      '{ at: 1m, runs: [{ playbook: scale-up, state: settling }] }',
      '{ at: 1m, runs: [{ state: ended }] }',
    ],
    [
      'an outcome',
      '{ at: 5m, runs: [{ outcome: failed, reason: exhausted }] }',
      '{ at: 5m, runs: [{ outcome: done }] }',
    ],
    ['sizes', '{ at: 1m, services: { web: 3 } }', '{ at: 1m, services: { web: 2 } }'],
    [
      'that there is none',
      '{ at: 1m, messages: [], effects: [{ web: 2 -> 3 }] }',
      '{ at: 1m, runs: [] }',
    ],
  ])('of %s passes where it holds, and fails where not', async (_, holds, fails) => {
    await write('policy.yaml', 'escalate: { channel: "#ops" }');
    expect(shown(await run(expecting(holds)))).toContain('1 test, none failed');
    expect(shown(await run(expecting(fails)))).toContain('1 test, 1 failed');
  });

  test('that fails is shown with its line, what is, and what happened until then', async () => {
    const result = await run(expecting('{ at: 3m, effects: [{ web: 2 -> 3 }, { web: 3 -> 4 }] }'));
    expect(shown(result).replaceAll(folder, 'playbooks')).toBe(
      `playbooks/up.test.yaml
  FAIL  it
        playbooks/up.test.yaml:6: after 3m, effects: - expected, + is
            web: 2 -> 3
          - web: 3 -> 4
        what happened:
                0s  Slow{service="web"} fires
                0s  run id-1 admitted (matched): scale-up for Slow{service="web"}
                0s  run id-1 applying: scale web from 2 to 3 replicas
                0s  web: 2 -> 3
                6s  run id-1 converged: service web: 3 of 3 replicas are running
              2m6s  run id-1 ended (exhausted)
              2m6s  message to the default channel (exhausted) "Slow: web": scale-up: Jidoka took every step, and the alert still fires.
                      • scale web from 2 to 3 replicas: converged after 6 s
                      No bound: no maximum and no minimum is set for service web. Each button goes exactly to the size that it shows.
                      [Scale web 3 → 4] [Scale web 3 → 2] [Restart web] [Acknowledge] [Dismiss]

1 test, 1 failed
`,
    );
    expect(hasPassed(result)).toBe(false);
  });
});

test('an alert that no playbook takes is shown with what those that come near wanted', async () => {
  await write('up.yaml', playbook.replace('"Slow"', '"Slow", service != ""'));
  const labels = '{ labels: { alertname: Slow, servce: web } }';
  expect(shown(await run(expecting('{ at: 1m, messages: [] }', labels)))).toContain(
    '\n                      scale-up does not match: service!="": expected any value, got no such label\n',
  );
});

test('a person who gets an alert that is only in shadow is told which playbook shows what', async () => {
  await write('up.yaml', playbook.replace('mode: auto', 'mode: shadow'));
  const said = 'no playbook acts on it; in shadow: scale-up';
  const result = await run(expecting(`{ at: 1m, messages: [{ contains: "${said}" }] }`));
  expect(shown(result)).toContain('1 test, none failed');
});

test('what failed fits the terminal', async () => {
  const result = await run(expecting('{ at: 3m, effects: [] }'));
  const wide = report([result], 'text', { color: false }).replaceAll(folder, '');
  const fitted = report([result], 'text', { color: false, columns: 60 }).replaceAll(folder, '');
  expect(fitted).not.toBe(wide);
  expect(Math.max(...wide.split('\n').map((line) => line.length))).toBeGreaterThan(60);
  const told = fitted.slice(fitted.indexOf('what happened:')).split('\n');
  expect(Math.max(...told.map((line) => line.length))).toBeLessThanOrEqual(60);
  expect(fitted.replace(/\s+/g, ' ')).toBe(wide.replace(/\s+/g, ' '));
});

describe('the world of a test', () => {
  test.each([
    ['refuses', 'rejected'],
    ['stuck', 'not_converged'],
    ['fails', 'not_converged'],
  ])('has a service that %s', async (replies, reason) => {
    const text = expecting(`{ at: 20m, messages: [{ reason: ${reason} }] }`);
    const result = await run(text.replace('replicas: 2', `replicas: 2, replies: ${replies}`));
    expect(shown(result)).toContain('1 test, none failed');
  });

  test('has an alert that resolves when its service has got there, and not before', async () => {
    const alert =
      '{ labels: { alertname: Slow, service: web }, resolves_when: { service: web, reaches: 3, after: 30s } }';
    const during = await run(expecting('{ at: 30s, runs: [{ state: settling }] }', alert));
    expect(shown(during)).toContain('1 test, none failed');
    const after = await run(
      expecting('{ at: 1m, runs: [{ outcome: done, reason: resolved }] }', alert),
    );
    expect(shown(after)).toContain('1 test, none failed');
  });

  test('has alerts that are sent again while they fire, and resolve when they are told to', async () => {
    const alert = '{ labels: { alertname: Slow, service: web }, repeats: 30s, resolves: 1m }';
    const result = await run(expecting('{ at: 5m, runs: [{ outcome: failed }] }', alert));
    const [failed] = result.results;
    expect(failed?.story.filter((line) => line.includes('fires'))).toHaveLength(2);
    expect(failed?.story.filter((line) => line.includes('has resolved'))).toHaveLength(1);
  });

  test('has a fleet, of which the policy may limit a share', async () => {
    await write('policy.yaml', 'blast_radius: { share: 25% }');
    const also = (name: string) => slow.replace('web', name);
    const third = expecting(
      '{ at: 1m, decisions: [{ fate: held, reason: blast_radius, contains: 2 of 8 targets }] }',
      [slow, also('api'), also('db')].join(', '),
    ).replace('web:', 'api: {}, db: {}, web:');
    expect(shown(await run(`fleet: 8\n${third}`))).toContain('1 test, none failed');
    expect(shown(await run(third))).toContain('1 test, 1 failed');
  });

  test('has an alert that resolves when its node has been drained', async () => {
    const drain = 'swarm.scale: { service: "${{ labels.service }}", by: 1, max: 3 }';
    await write('up.yaml', playbook.replace(drain, 'node.drain: { node: n1 }'));
    const alert = '{ labels: { alertname: Slow }, resolves_when: { node: n1, does: drain } }';
    const text = expecting('{ at: 10m, runs: [{ outcome: done, reason: resolved }] }', alert);
    const result = await run(`nodes: { n1: {} }\n${text}`);
    expect(result.findings).toEqual([]);
    expect(shown(result)).toContain('1 test, none failed');
  });

  test('has a time of its own, for windows', async () => {
    await write(
      'policy.yaml',
      'windows: [{ name: nights, time_intervals: [{ times: [{ start_time: "00:00", end_time: "06:00" }] }] }]',
    );
    const night = expecting('{ at: 1m, decisions: [{ fate: held, reason: window }] }');
    const at = (time: string) => night.replace('name: it', `name: it\n    starts: ${time}`);
    expect(shown(await run(at('2026-01-05T02:00:00Z')))).toContain('1 test, none failed');
    expect(shown(await run(at('2026-01-05T12:00:00Z')))).toContain('1 test, 1 failed');
  });

  test('may have a policy of its own', async () => {
    await write('policy.yaml', 'escalate: { channel: "#usual" }');
    const policy = 'policy: { escalate: { channel: "#strict" } }\n';
    const text = expecting('{ at: 5m, messages: [{ channel: "#strict" }] }');
    expect(shown(await run(policy + text))).toContain('1 test, none failed');
    expect(shown(await run(text))).toContain('1 test, 1 failed');
    const mistyped = 'policy: { escalate: { chanel: "#strict" } }\n';
    expect(shown(await run(mistyped + text))).toContain('did you mean "channel"?');
  });
});

describe('people', () => {
  const asking = playbook.replace('auto', 'approve').replace('scale-up', 'asks');
  const test1 = (chooses: string, expected: string) =>
    expecting(expected).replace(
      '    expect:',
      `    people: [{ at: 1m, chooses: ${chooses} }]\n    expect:`,
    );

  test('approve, and the run acts; deny, and it does not', async () => {
    await write('up.yaml', asking);
    const yes = await run(test1('approve', '{ at: 2m, effects: [{ web: 2 -> 3 }] }'));
    expect(shown(yes)).toContain('1 test, none failed');
    const no = await run(
      test1('Deny', '{ at: 1h, effects: [], runs: [{ outcome: withdrawn, reason: denied }] }'),
    );
    expect(shown(no)).toContain('1 test, none failed');
  });

  test('cannot click what is not offered, and the test says what is', async () => {
    await write('up.yaml', asking);
    const result = shown(await run(test1('Explode', '{ at: 2m, effects: [] }')));
    expect(result).toContain('ada cannot choose "Explode"');
    expect(result).toContain('+ Slow: web: Approve, Deny');
    expect(result).toContain('up.test.yaml:5:');
  });
});

describe('a file', () => {
  test.each([
    [
      'expects nothing',
      expecting('{ at: 1m }'),
      ':6:9: error: tests[0].expect[0]: expected at least one of',
    ],
    ['has no tests', 'tests: []', 'expected at least 1 entry'],
    [
      'has no expectations',
      expecting('').replace(/expect:[\s\S]*/, 'expect: []'),
      'expected at least 1 entry',
    ],
    ['is empty', '# nothing', 'expected tests, got an empty file'],
    ['has a key that is mistyped', expecting('{ at: 1m, efects: [] }'), 'did you mean "effects"?'],
    [
      'has a reason that is none',
      expecting('{ at: 1m, runs: [{ reason: exausted }] }'),
      'did you mean "exhausted"?',
    ],
    [
      'names a playbook that there is not',
      expecting('{ at: 1m, runs: [{ playbook: scale-upp }] }'),
      'no playbook is named "scale-upp"; did you mean "scale-up"?',
    ],
    [
      'names a service that there is not',
      expecting('{ at: 1m, services: { wob: 3 } }'),
      'no service is named "wob"; did you mean "web"?',
    ],
    [
      'expects an effect on what is not there',
      expecting('{ at: 1m, effects: [{ wob: 1 -> 2 }] }'),
      'no service, node, job or group is named "wob"',
    ],
    [
      'has an effect that is none',
      expecting('{ at: 1m, effects: [{ web: 3 }] }'),
      'expected a string, got 3',
    ],
    [
      'has a pattern that is none',
      expecting('{ at: 1m, messages: [{ matches: "(" }] }'),
      'is not an RE2 regular expression',
    ],
    ['is no YAML', 'tests: [', 'invalid YAML'],
    [
      'has a mistyped key in a service',
      expecting('{ at: 1m, effects: [] }').replace('replicas', 'replica'),
      '; did you mean "replicas"?',
    ],
    [
      'has an alert that resolves before it fires',
      expecting('{ at: 1h, effects: [] }', '{ labels: { a: b }, fires: 10m, resolves: 5m }'),
      'alerts[0].resolves: expected a time after "fires"',
    ],
    [
      'has an alert that fires after its end',
      expecting('{ at: 1m, effects: [] }', '{ labels: { a: b }, fires: 2m }'),
      ':4:41: error: tests[0].alerts[0].fires: 2m is after the last expectation (1m)',
    ],
    [
      'has a person who comes after its end',
      `${expecting('{ at: 1m, effects: [] }')}    people: [{ at: 2m, chooses: Deny }]\n`,
      'people[0].at: 2m is after the last expectation (1m)',
    ],
    [
      'pauses after its end',
      `${expecting('{ at: 1m, effects: [] }')}    pauses: [{ at: 2m }]\n`,
      'pauses[0].at: 2m is after the last expectation (1m)',
    ],
    [
      'pauses a target that there is not',
      `${expecting('{ at: 1m, effects: [] }')}    pauses: [{ target: wob }]\n`,
      'no service, node, job or group is named "wob"; did you mean "web"?',
    ],
  ])('that %s is not run, and says so', async (_, text, said) => {
    const result = await run(text);
    expect(shown(result)).toContain(said);
    expect(result.results).toEqual([]);
    expect(hasPassed(result)).toBe(false);
  });

  test('pauses a target by its name or its id', async () => {
    for (const target of ['web', 'swarm.service/web']) {
      const text = `${expecting('{ at: 1m, effects: [] }')}    pauses: [{ target: ${target} }]\n`;
      expect(shown(await run(text))).toContain('1 test, none failed');
    }
  });

  test('is not run with playbooks that have faults', async () => {
    await write('up.yaml', playbook.replace('mode: auto', 'mode: automatic'));
    const result = await run(expecting('{ at: 1m, effects: [] }'));
    expect(shown(result)).toMatch(/up\.yaml:5:7: error: mode: expected one of/);
    expect(hasPassed(result)).toBe(false);
  });

  test('can be named alone, and is still run with all playbooks of the folder in use', async () => {
    await write('teams/web.test.yaml', expecting('{ at: 1m, effects: [{ web: 2 -> 3 }] }'));
    const paths = [join(folder, 'teams/web.test.yaml')];
    const results = await runFiles({ paths, folder, policy: undefined, only: '' });
    expect(results.map(({ file }) => file)).toEqual(paths);
    expect(results.every(hasPassed)).toBe(true);
  });

  test('that is no test, and a folder without tests, is an error', async () => {
    const options = { folder, policy: undefined, only: '' };
    await expect(runFiles({ ...options, paths: [join(folder, 'up.yaml')] })).rejects.toThrow(
      /up\.yaml holds no tests of playbooks: expected a folder, or a file whose name ends in \.test\.yaml/,
    );
    await expect(runFiles({ ...options, paths: [folder] })).rejects.toThrow(/holds no tests/);
    await expect(runFiles({ ...options, paths: [join(folder, 'gone')] })).rejects.toThrow(
      /cannot read playbooks/,
    );
  });
});

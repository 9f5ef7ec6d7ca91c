import { expect, test } from 'vitest';
import { createOfflineRegistry } from '../../../src/integrations/offline-registry.js';
import { parsePlaybookTexts } from '../../../src/playbook/load.js';
import { formatProblem } from '../../../src/playbook/problem.js';
import { findWarnings } from '../../../src/playbook/warn/warnings.js';

const actions = createOfflineRegistry();

const step = (job: string, given = '{}') => `
name: a-playbook
summary: Runs a job.
match: alertname = "A"
steps:
  - swarm.job: { job: ${job}, with: ${given} }
`;

function load(
  jobs: string,
  playbook = step('clean'),
  policy = '',
  scripts: Record<string, string> = {},
) {
  const loaded = parsePlaybookTexts(
    {
      files: [{ file: 'a.yaml', text: playbook }],
      policy: { file: 'policy.yaml', text: policy },
      jobs: {
        file: 'jobs.yaml',
        text: jobs,
        scripts: Object.entries(scripts).map(([file, text]) => ({ file, text })),
      },
    },
    actions,
  );
  return { ...loaded, problems: loaded.problems.map(formatProblem) };
}

const clean = (more = '') => `
jobs:
  clean:
    image: alpine:3.22
    command: [/bin/clean]
    time_limit: 5m
${more}`;

test('a step gets the job that it names, with its bounds', () => {
  const { problems, playbooks } = load(clean());
  expect(problems).toEqual([]);
  expect(playbooks[0]?.steps[0]?.job).toMatchObject({
    name: 'clean',
    time_limit: 300_000,
    read_only: true,
    capabilities: [],
    docker_socket: false,
    max_running: 1,
    limits: { cpus: 1, memory: 256 * 2 ** 20, pids: 128 },
  });
});

test.each([
  [
    'no such job',
    step('claen'),
    /a\.yaml:6:\d+: steps\[0\]\.swarm\.job\.job: jobs\.yaml has no job "claen"; did you mean "clean"\?/,
  ],
  ['a job that an alert chooses', step('"${{ labels.job }}"'), /an alert cannot choose it/],
  ['an input that it lacks', step('clean', '{ day: 3 }'), /job clean has no input "day"/],
])('%s is a fault of the step', (_, playbook, fault) => {
  expect(load(clean(), playbook).problems).toEqual([expect.stringMatching(fault)]);
});

const input = (text: string) => clean(`    inputs: { days: { ${text} } }`);

test.each([
  ['{ days: 0 }', 'type: number, min: 1', /days: expected at least 1, got 0/],
  ['{ days: x }', 'type: number', /days: expected a number, got "x"/],
  ['{}', 'type: number', /missing input "days" of job clean/],
  ['{ days: c }', 'type: string, values: [a, b]', /days: expected a or b, got "c"/],
  ['{ days: "a b" }', 'type: string, pattern: "[a-z]*"', /days: expected a text that matches/],
  ['{ days: maybe }', 'type: boolean', /days: expected true or false/],
])('the inputs %s are refused by %s', (given, type, fault) => {
  expect(load(input(type), step('clean', given)).problems).toEqual([expect.stringMatching(fault)]);
});

test.each([
  ['    inputs: { PATH: { type: boolean } }', /inputs: "PATH": .*decides how programs run/],
  ['    inputs: { a: { type: string } }', /expected "pattern" or "values"/],
  ['    inputs: { a: { type: node }, b: { type: node } }', /at most one input of type node/],
  [
    '    mounts: [{ source: /var/log, target: /logs }]',
    /not among the folders that policy\.yaml allows/,
  ],
  ['    mounts: [{ source: /var/run/docker.sock, target: /d }]', /holds the Docker socket/],
  ['    mounts: [{ source: /, target: /host }]', /holds the Docker socket/],
  ['    script: clean.sh', /clean\.sh cannot be read/],
  ['    script: ../clean.sh', /expected a file beside jobs\.yaml/],
  ['    exit_codes: { 300: done }', /expected a code from 0 to 255/],
  ['    privileged: true', /unknown key "privileged"/],
])('%s is a fault of the job', (more, fault) => {
  const { problems, jobs } = load(clean(more));
  expect(problems.join('\n')).toMatch(fault);
  expect(problems.join('\n')).toMatch(/^jobs\.yaml:/m);
  expect(jobs.size).toBe(0);
});

test('a folder that the policy allows can be mounted, with what is below it', () => {
  const policy = 'jobs: { mounts: [/var/log] }';
  const mounts = '    mounts: [{ source: /var/log/app, target: /logs }]';
  expect(load(clean(mounts), step('clean'), policy).problems).toEqual([]);
  const near = mounts.replace('/var/log/app', '/var/logs');
  expect(load(clean(near), step('clean'), policy).problems).toHaveLength(1);
});

test('a job without an image loads, and the check names it', () => {
  const loaded = load(clean().replace('    image: alpine:3.22\n', ''));
  expect(loaded.problems).toEqual([]);
  expect(findWarnings(loaded).map(formatProblem)).toEqual([
    expect.stringMatching(/a\.yaml:6:\d+: job clean has no image: Jidoka cannot run it/),
  ]);
});

test('the scripts are a part of the set', () => {
  const jobs = clean('    script: a.sh');
  const [one, other] = ['exit 0', 'exit 1'].map((text) =>
    load(jobs, step('clean'), '', { 'a.sh': text }),
  );
  expect(one?.hash).not.toBe(other?.hash);
  expect(one?.playbooks[0]?.steps[0]?.job?.script).toEqual({ file: 'a.sh', text: 'exit 0' });
});

import { expect, onTestFinished, test } from 'vitest';
import { addUnseen } from '../../../../src/cli/doctor/unseen.js';
import { type Finding, note, ok, wrong } from '../../../../src/lib/finding.js';
import { lines } from '../../../support/findings.js';
import { startHttpServer } from '../../../support/http-server.js';

const connected = { ok: true, detail: 'answers' };
const absent = [note('not configured')];
const noManager = [wrong('this node is not a swarm manager', 'a', 'b')];
const unlooked = (system: string, setting: string) =>
  `warning: the engine at http://127.0.0.1:PORT uses ${system}; the doctor did not look at it, because ${setting} is not set here`;

/** What is found beside an engine that tells of these checks: a line for each finding, without the engine's own. */
async function examined(
  checks: object,
  found: Record<string, readonly Finding[]>,
  dockerHost?: string,
) {
  const engine = await startHttpServer();
  onTestFinished(() => engine.stop());
  engine.answer = (_, reply) => reply(200, JSON.stringify({ ready: true, checks }));
  const sections = Object.entries({ ...found, Engine: [] }).map(([name, findings]) => {
    return { name, findings };
  });
  const port = Number(new URL(engine.origin).port);
  const env = { DOCKER_HOST: dockerHost };
  const options = { env, listen: '127.0.0.1', port, timeoutMs: 5_000 };
  const all = await addUnseen(sections, options);
  expect(all.map(({ name }) => name)).toEqual(sections.map(({ name }) => name));
  return lines(all.flatMap(({ findings }) => findings)).map((line) =>
    line.replace(String(port), 'PORT'),
  );
}

test('a Swarm that the engine uses and this environment does not name is told', async () => {
  expect(await examined({ swarm: connected }, { Swarm: absent, AWS: absent })).toEqual([
    'note: not configured',
    'note: not configured',
    unlooked('Swarm', 'DOCKER_HOST'),
  ]);
});

test('so are AWS and the socket of Slack', async () => {
  const checks = { aws: connected, slack_socket: connected };
  const found = await examined(checks, { Swarm: absent, AWS: absent, Slack: absent });
  expect(found.slice(3)).toEqual([
    unlooked('AWS', 'AWS_REGION'),
    unlooked('Slack', 'SLACK_BOT_TOKEN'),
  ]);
});

test('a local Docker that is no manager is no fault where the engine uses another one', async () => {
  expect(await examined({ swarm: connected }, { Swarm: noManager })).toEqual([
    'note: this node is not a swarm manager',
    unlooked('Swarm', 'DOCKER_HOST'),
  ]);
});

test('it is a fault where it was meant, or the engine cannot use it either', async () => {
  const fault = ['wrong: this node is not a swarm manager'];
  const away = { ok: false, detail: 'no answer' };
  expect(await examined({ swarm: connected }, { Swarm: noManager }, 'tcp://manager')).toEqual(
    fault,
  );
  expect(await examined({ swarm: away }, { Swarm: noManager })).toEqual(fault);
  expect(await examined({}, { Swarm: noManager })).toEqual(fault);
});

test('nothing is told of what was looked at, or what the engine does not use', async () => {
  const looked = [ok('a manager'), note('something')];
  expect(await examined({ swarm: connected }, { Swarm: looked })).toHaveLength(2);
  const half = [...noManager, note('something')];
  expect(await examined({ swarm: connected }, { Swarm: half })).toHaveLength(2);
  expect(await examined({ redis: connected }, { Swarm: absent, AWS: absent })).toHaveLength(2);
});

test('nothing is told where no engine answers, or another program', async () => {
  const sections = [
    { name: 'Swarm', findings: absent },
    { name: 'Engine', findings: [] },
  ];
  const nowhere = { env: {}, listen: '127.0.0.1', port: 1, timeoutMs: 5_000 };
  expect(await addUnseen(sections, nowhere)).toEqual(sections);
  expect(await addUnseen(sections, { ...nowhere, port: 0 })).toEqual(sections);
  const other = await startHttpServer();
  onTestFinished(() => other.stop());
  const port = Number(new URL(other.origin).port);
  expect(await addUnseen(sections, { ...nowhere, port })).toEqual(sections);
});

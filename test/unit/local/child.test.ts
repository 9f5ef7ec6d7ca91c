import { afterEach, expect, test, vi } from 'vitest';
import { startChild, untilReady } from '../../../src/local/child.js';
import { untilPasses } from '../../support/eventually.js';

const failure = (detail: string) => new Error(`it ${detail}`);
afterEach(() => vi.unstubAllEnvs());

function start(script: string, lines: string[] = []) {
  return startChild({
    command: ['sh', '-c', script],
    deathSignal: 'SIGTERM',
    onLine: (line) => lines.push(line),
  });
}

test('every line of both outputs is handed on', async () => {
  const lines: string[] = [];
  await start('echo out; echo err >&2', lines).exited;
  expect(lines.sort()).toEqual(['err', 'out']);
});

test('how it ended comes with the last it said', async () => {
  expect(await start('for i in 1 2 3 4 5; do echo $i; done; exit 7').exited).toBe(
    'ended with code 7; 3; 4; 5',
  );
});

test('a child that heeds no SIGTERM is killed when its time is up', async () => {
  const lines: string[] = [];
  const child = start('trap "" TERM; echo deaf; while :; do sleep 0.05; done', lines);
  await untilPasses(() => expect(lines).toEqual(['deaf']));
  await child.stop(200);
  expect(await child.exited).toMatch(/^was ended by SIGKILL/);
});

test('secrets of the environment do not reach it', async () => {
  vi.stubEnv('SLACK_BOT_TOKEN', 'xoxb-secret');
  const lines: string[] = [];
  await start('env', lines).exited;
  expect(lines.some((line) => line.startsWith('PATH='))).toBe(true);
  expect(lines.join()).not.toContain('xoxb-secret');
});

test('a program that does not exist ends at once, with the reason', async () => {
  const child = startChild({
    command: ['/no/such/program'],
    deathSignal: 'SIGTERM',
    onLine: () => {},
  });
  expect(await child.exited).toMatch(/no such file|ENOENT/i);
});

test('waiting for a child that ends fails with what it said', async () => {
  const child = start('echo out of order; exit 3');
  await expect(
    untilReady(child, { ready: async () => false, timeoutMs: 10_000, failure }),
  ).rejects.toThrow('it ended with code 3; out of order');
});

test('a child that is not ready in time is stopped', async () => {
  const child = start('exec sleep 60');
  await expect(
    untilReady(child, { ready: async () => false, timeoutMs: 100, failure }),
  ).rejects.toThrow('it was not ready after 0.1 s; was ended by SIGTERM');
});

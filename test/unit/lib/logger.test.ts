import { expect, test } from 'vitest';
import { createLogger } from '../../../src/lib/logger.js';

const secret = 'hunter2-never-shown';

/** What ioredis throws when Redis refuses a command: with the command in it. */
function refusal(): Error {
  const error = new Error('OOM command not allowed');
  error.name = 'ReplyError';
  return Object.assign(error, { command: { name: 'evalsha', args: [secret] } });
}

function logged(write: (log: ReturnType<typeof createLogger>) => void) {
  const lines: string[] = [];
  write(createLogger('info', { write: (line) => void lines.push(line) }));
  const text = lines.join('');
  return { text, line: JSON.parse(text) };
}

test('an error is logged with its type, its message and its stack, and nothing else', () => {
  const { text, line } = logged((log) => log.error({ err: refusal() }, 'job failed'));
  expect(text).not.toContain(secret);
  expect(line.msg).toBe('job failed');
  expect(line.err).toEqual({
    type: 'ReplyError',
    message: 'OOM command not allowed',
    stack: expect.stringContaining('logger.test.ts'),
  });
});

test('so are its causes', () => {
  const outer = new Error('nothing was taken', { cause: new Error('why', { cause: refusal() }) });
  const { text, line } = logged((log) => log.error({ err: outer }));
  expect(text).not.toContain(secret);
  expect(line.err.cause.cause).toMatchObject({ type: 'ReplyError' });
});

test('an error that is logged by itself shows no more', () => {
  expect(logged((log) => log.error(refusal())).text).not.toContain(secret);
});

test('what was thrown and is no error is logged as text', () => {
  expect(logged((log) => log.error({ err: 'a text' })).line.err).toBe('a text');
});

test('an error that is its own cause is no trouble', () => {
  const error = new Error('round and round');
  error.cause = error;
  expect(logged((log) => log.error({ err: error })).line.err.cause.message).toBe('round and round');
});

import { type AddressInfo, createServer } from 'node:net';
import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { isConnectionLost, isRedisFault } from '../../../src/ledger/redis-fault.js';

function reply(message: string): Error {
  return Object.assign(new Error(message), { name: 'ReplyError' });
}

test.each([
  "OOM command not allowed when used memory > 'maxmemory'. script: 1f, on @user_script:3.",
  'MISCONF Errors writing to the AOF file: No space left on device',
  "READONLY You can't write against a read only replica.",
  'NOREPLICAS Not enough good replicas to write.',
  'MOVED 3999 127.0.0.1:6381',
  'ASK 3999 127.0.0.1:6381',
  'ERR Script attempted to access a non local key in a cluster node script: 1f, on @user_script:3.',
  'LOADING Redis is loading the dataset in memory',
  "NOPERM this user has no permissions to run the 'bzpopmin' command",
  "ERR The user executing the script can't run this command or subcommand script: 1f, on @user_script:3.",
  "ERR The user executing the script can't access at least one of the keys mentioned in the command arguments script: 1f, on @user_script:3.",
  "ERR unknown command 'EVALSHA', with args beginning with: 'a' ",
  'ERR Unknown Redis command called from script script: 1f, on @user_script:3.',
])('it was Redis: %s', (message) => {
  expect(isRedisFault(reply(message))).toBe(true);
  expect(isConnectionLost(reply(message))).toBe(false);
});

test.each([
  reply('WRONGTYPE Operation against a key holding the wrong kind of value'),
  reply('ERR user_script:9: attempt to index a nil value'),
  new Error('OOM is what somebody else said'),
  'OOM',
])('it was the work: %s', (error) => {
  expect(isRedisFault(error)).toBe(false);
});

test.each([
  ['waits for nothing', { enableOfflineQueue: false }],
  ['does not try again', { retryStrategy: () => null }],
  ['gives a command up', { maxRetriesPerRequest: 0 }],
])('the connection is lost, says a client that %s', async (_, options) => {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  const redis = new Redis({ port, host: '127.0.0.1', lazyConnect: true, ...options });
  const errors: Error[] = [];
  redis.on('error', (error) => errors.push(error));
  const error: unknown = await redis.get('key').catch((reason: unknown) => reason);
  redis.disconnect();
  expect([error, ...errors]).toSatisfy((all: unknown[]) => all.every(isConnectionLost));
});

import { describe, expect, it } from 'vitest';
import { readClusterAddress } from '../../../src/lib/redis-address.js';
import { placeOf } from '../../../src/queue/connection.js';
import { movedTo } from '../../../src/queue/redis-cluster.js';

describe('the address of a Redis Cluster', () => {
  it('names some of its nodes, and who enters them', () => {
    const url = 'rediss+cluster://ada:hunter%402@10.0.0.1:7000,redis.example.com,[::1]:7001';
    expect(readClusterAddress(url)).toEqual({
      nodes: [
        { host: '10.0.0.1', port: 7000 },
        { host: 'redis.example.com', port: 6379 },
        { host: '::1', port: 7001 },
      ],
      access: { username: 'ada', password: 'hunter@2', tls: {} },
    });
    expect(placeOf(url)).toBe('rediss+cluster://10.0.0.1:7000,redis.example.com,[::1]:7001');
  });

  it('may hold a password alone', () => {
    expect(readClusterAddress('redis+cluster://:a:b@one:1')).toEqual({
      nodes: [{ host: 'one', port: 1 }],
      access: { password: 'a:b' },
    });
  });

  it.each([
    'redis://10.0.0.1:7000',
    '/run/redis.sock',
    'redis+cluster://',
    'redis+cluster://one:1,',
    'redis+cluster://one:1/2',
    'redis+cluster://one:port',
    'redis+cluster://ada:50%@one:1',
  ])('is not %s', (url) => {
    expect(readClusterAddress(url)).toBeNull();
  });
});

it('an address of a cluster that cannot be read is shown without its password', () => {
  expect(placeOf('redis+cluster://ada:hunter2@one:port')).toBe('the address in REDIS_URL');
});

describe('a node that does not have a key', () => {
  const asked = { host: 'asked', port: 1 };
  it.each([
    ['MOVED 3999 127.0.0.1:6381', { host: '127.0.0.1', port: 6381 }],
    ['MOVED 3999 ::1:6381', { host: '::1', port: 6381 }],
    ['MOVED 3999 :6381', { host: 'asked', port: 6381 }],
    ['MOVED 3999 ?:6381', { host: 'asked', port: 6381 }],
    ['ASK 3999 127.0.0.1:6381', null],
    ['ERR something else', null],
  ])('says %s', (message, node) => {
    expect(movedTo(new Error(message), asked)).toEqual(node);
  });
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config.js';

describe('ALERTMANAGER_URL', () => {
  test('holds one address, or those of all members', () => {
    const read = (url: string) => readConfig({ ALERTMANAGER_URL: url }).alertmanagerUrls;
    expect(read('http://a:9093')).toEqual(['http://a:9093']);
    expect(read(' http://a:9093 , https://ada:pw@b/am,')).toEqual([
      'http://a:9093',
      'https://ada:pw@b/am',
    ]);
    expect(read('')).toEqual([]);
  });

  test.each(['alertmanager:9093', 'http://', 'ftp://a', 'http://ok, ada:hunter2@b'])(
    'is not %j, and the fault shows no password',
    (url) => {
      const read = () => readConfig({ ALERTMANAGER_URL: url });
      expect(read).toThrow(/ALERTMANAGER_URL: expected addresses such as/);
      expect(read).not.toThrow(/hunter2/);
    },
  );
});

describe('REDIS_URL', () => {
  test.each(['redis://a', 'rediss://a:1', '/run/redis.sock', 'redis+cluster://:pw@a:1,b:2'])(
    'may be %s',
    (url) => {
      expect(readConfig({ REDIS_URL: url }).redisUrl).toBe(url);
    },
  );

  test.each(['a:6379', 'redis+cluster://ada:hunter2@a:1,b:port', 'redis+cluster://'])(
    'is not %s, and the fault shows no password',
    (url) => {
      const read = () => readConfig({ REDIS_URL: url });
      expect(read).toThrow(/REDIS_URL: expected redis:/);
      expect(read).not.toThrow(/hunter2/);
    },
  );
});

describe('JIDOKA_ROLE', () => {
  const REDIS_URL = 'redis://localhost';

  test('is both halves, or one of them on a Redis that is given', () => {
    expect(readConfig({}).role).toBe('all');
    expect(readConfig({ JIDOKA_ROLE: 'receiver', REDIS_URL }).role).toBe('receiver');
    expect(readConfig({ JIDOKA_ROLE: 'worker', REDIS_URL }).role).toBe('worker');
  });

  test('is a fault when it is none, or when the halves would have no Redis in common', () => {
    const read = (env: Record<string, string>) => () => readConfig(env);
    expect(read({ JIDOKA_ROLE: 'sender', REDIS_URL })).toThrow(
      'JIDOKA_ROLE: expected one of all, receiver, worker, got "sender"',
    );
    expect(read({ JIDOKA_ROLE: 'worker' })).toThrow(/REDIS_URL: JIDOKA_ROLE=worker needs/);
  });

  test('of a worker lets it listen everywhere without a token: nobody can have it do anything', () => {
    expect(readConfig({ JIDOKA_ROLE: 'worker', REDIS_URL }).listen).toBe('0.0.0.0');
    expect(readConfig({ JIDOKA_ROLE: 'receiver', REDIS_URL }).listen).toBe('127.0.0.1');
  });
});

describe('JIDOKA_VIEWER_TOKEN', () => {
  test('stands beside another JIDOKA_ADMIN_TOKEN', () => {
    const env = { JIDOKA_ADMIN_TOKEN: 'a', JIDOKA_VIEWER_TOKEN: 'v' };
    expect(readConfig(env)).toMatchObject({ adminToken: 'a', viewerToken: 'v' });
  });

  test.each([{}, { JIDOKA_ADMIN_TOKEN: 'v' }])('is a fault beside %j', (env) => {
    expect(() => readConfig({ ...env, JIDOKA_VIEWER_TOKEN: 'v' })).toThrow(/JIDOKA_VIEWER_TOKEN/);
  });
});

describe('JIDOKA_EXTERNAL_URL', () => {
  test.each([
    ['https://jidoka.example.com', 'https://jidoka.example.com'],
    ['http://10.0.0.7:9095/', 'http://10.0.0.7:9095'],
  ])('is the address of the console, %s', (url, origin) => {
    expect(readConfig({ JIDOKA_EXTERNAL_URL: url }).externalUrl).toBe(origin);
  });

  test.each([
    'jidoka.example.com',
    'ftp://jidoka.example.com',
    'https://jidoka.example.com/console',
    'https://jidoka.example.com/?a=b',
    'https://ada:hunter2@jidoka.example.com',
  ])('is not %s, and the fault shows no password', (url) => {
    const read = () => readConfig({ JIDOKA_EXTERNAL_URL: url });
    expect(read).toThrow(/JIDOKA_EXTERNAL_URL: expected the address of the console/);
    expect(read).not.toThrow(/hunter2/);
  });
});

describe('SLACK_APP_TOKEN', () => {
  test('is the app-level token', () => {
    expect(readConfig({ SLACK_APP_TOKEN: 'xapp-1' }).slack.appToken).toBe('xapp-1');
  });

  test('is not the bot token, and neither is shown', () => {
    const wrong = () => readConfig({ SLACK_APP_TOKEN: 'xoxb-hunter2' });
    expect(wrong).toThrow(/SLACK_APP_TOKEN: .*xapp-/);
    expect(wrong).not.toThrow('hunter2');
  });
});

describe('JIDOKA_HTTP_…', () => {
  test('are the credentials of hosts, by their names, also out of files', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'jidoka-config-'));
    try {
      const path = join(dir, 'ci');
      await writeFile(path, 'Basic YTpi\n');
      const env = {
        JIDOKA_HTTP_CI_FILE: path,
        JIDOKA_HTTP_B: 'Bearer b',
        JIDOKA_HTTP_NO: '',
        REDIS_URL: 'redis://a',
      };
      expect(readConfig(env).httpCredentials).toEqual({
        JIDOKA_HTTP_CI: 'Basic YTpi',
        JIDOKA_HTTP_B: 'Bearer b',
      });
    } finally {
      await rm(dir, { recursive: true });
    }
  });

  test.each(['Bearer hunter2\r\nx-evil: 1', 'hunter2\u00e9', ' hunter2'])(
    'is not %j, and the fault does not show it',
    (value) => {
      const read = () => readConfig({ JIDOKA_HTTP_CI: value });
      expect(read).toThrow(/JIDOKA_HTTP_CI: expected/);
      expect(read).not.toThrow(/hunter2/);
    },
  );
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../../src/app/config.js';

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

  test.each([
    'rediss://ada:p%23%2F%3F%25@a:1/2',
    'redis://:p:w@[::1]:6379/0?family=6',
    'redis://:a^b|c\\d[e]@a',
    'redis://:two@signs@a:1',
    'redis+cluster://:p%40w@a:1',
  ])('may have a login, a database and options: %s', (url) => {
    expect(readConfig({ REDIS_URL: url }).redisUrl).toBe(url);
  });

  test.each([
    ['redis://:hun#ter2@a:6379', '# as %23'],
    ['redis://:hun/ter2@a:6379', '/ as %2F'],
    ['redis://:hun?ter2@a:6379', '? as %3F'],
    ['redis://:hun%ter2@a:6379', '% as %25'],
    ['rediss://hun#ada:ter2@a', '# as %23'],
    // each of these would be taken for another host, and the rest for a path, a query or nothing
    ['redis://6379#hunter2@a:1', '# as %23'],
    ['redis://ada:6379/hunter2@a:1', '/ as %2F'],
    ['redis://ada:6379?hunter2@a:1', '? as %3F'],
    ['redis://:hun%ffter2@a:1', '% as %25'],
    ['redis://:h#u/n?t%er2@a:1', '# as %23, / as %2F, ? as %3F, % as %25'],
    ['redis+cluster://:hun/ter2@a:1,b:2', '/ as %2F'],
    ['redis+cluster://:hun@ter2@a:1,b:2', '@ as %40'],
    ['redis+cluster://:hun%ter2@a:1,b:2', '% as %25'],
  ])('%s is told how it is written, without it', (url, advice) => {
    const read = () => readConfig({ REDIS_URL: url });
    expect(read).toThrow(
      `REDIS_URL: its user or password has characters that mean something else in an address: percent-encode ${advice}`,
    );
    expect(read).not.toThrow(/hun|ter2|ada/);
  });

  test.each([
    'a:6379',
    'redis://',
    'redis://a#b',
    'redis://a:70000',
    'http://a',
    'redis+cluster://ada:hunter2@a:1,b:port',
    'redis+cluster://',
  ])('is not %s, and the fault shows no password', (url) => {
    const read = () => readConfig({ REDIS_URL: url });
    expect(read).toThrow(/REDIS_URL: expected redis:/);
    expect(read).not.toThrow(/hunter2/);
  });
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

describe('that others reach this engine', () => {
  test.each([
    ['JIDOKA_WEBHOOK_TOKEN', { JIDOKA_WEBHOOK_TOKEN: 'w', JIDOKA_LISTEN: '127.0.0.1' }],
    ['JIDOKA_EXTERNAL_URL', { JIDOKA_EXTERNAL_URL: 'https://jidoka.example.com' }],
    ['SLACK_SIGNING_SECRET', { SLACK_SIGNING_SECRET: 's' }],
    ['JIDOKA_ALLOW_UNAUTHENTICATED', { JIDOKA_ALLOW_UNAUTHENTICATED: 'true' }],
    ['JIDOKA_LISTEN', { JIDOKA_ALLOW_UNAUTHENTICATED: 'true', JIDOKA_LISTEN: '10.0.0.7' }],
  ])('is said by %s', (name, env) => {
    expect(readConfig(env).facing).toBe(name);
  });

  test.each([
    {},
    { JIDOKA_LISTEN: '::1' },
    { JIDOKA_ALLOW_UNAUTHENTICATED: 'true', JIDOKA_LISTEN: 'localhost' },
    { SLACK_APP_TOKEN: 'xapp-1', SLACK_BOT_TOKEN: 'xoxb-1' },
    { JIDOKA_WEBHOOK_TOKEN: '' },
  ])('is not said by %j', (env) => {
    expect(readConfig(env).facing).toBeUndefined();
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
      expect(readConfig(env).integrations.http).toEqual({
        credentials: { JIDOKA_HTTP_CI: 'Basic YTpi', JIDOKA_HTTP_B: 'Bearer b' },
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

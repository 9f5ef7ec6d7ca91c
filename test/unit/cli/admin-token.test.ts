import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readConfig } from '../../../src/app/config.js';
import { adminTokenFor } from '../../../src/cli/admin-token.js';
import { withAdminToken } from '../../../src/cli/serve/admin-token.js';

let home: string;
let path: string;
const said: string[] = [];
const say = (line: string) => said.push(line);

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'jidoka-home-'));
  path = join(home, '.config', 'jidoka', 'admin-token');
  said.length = 0;
});

afterEach(() => rm(home, { recursive: true, force: true }));

describe('an engine without an admin token', () => {
  test('makes one that only this user can read, once, and says where', async () => {
    const env = withAdminToken({ HOME: home }, say);
    const { adminToken } = readConfig(env);
    expect(adminToken).toMatch(/^[0-9a-f]{64}$/);
    expect(said).toEqual([expect.stringContaining(path)]);
    expect(said.join()).not.toContain(adminToken);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(home, '.config', 'jidoka'))).toEqual(['admin-token']);
    expect(readConfig(withAdminToken({ HOME: home }, say)).adminToken).toBe(adminToken);
    expect(said).toHaveLength(1);
  });

  test('keeps it where XDG_CONFIG_HOME says, unless that is no path of its own', () => {
    const elsewhere = join(home, 'settings');
    const fileIn = (XDG_CONFIG_HOME: string) =>
      withAdminToken({ HOME: home, XDG_CONFIG_HOME }, say).JIDOKA_ADMIN_TOKEN_FILE;
    expect(fileIn(elsewhere)).toBe(join(elsewhere, 'jidoka', 'admin-token'));
    expect(fileIn('settings')).toBe(path);
  });

  test('that has one of its own, or a file, makes none', async () => {
    for (const env of [
      { HOME: home, JIDOKA_ADMIN_TOKEN: 'own' },
      { HOME: home, JIDOKA_ADMIN_TOKEN_FILE: '/run/secrets/admin' },
    ]) {
      expect(withAdminToken(env, say)).toBe(env);
    }
    expect(await readdir(home)).toEqual([]);
  });

  test('starts all the same where it cannot be written, and says what to do', async () => {
    await writeFile(join(home, '.config'), '');
    const env = { HOME: home };
    expect(withAdminToken(env, say)).toBe(env);
    expect(said).toEqual([expect.stringMatching(/no admin token .*set JIDOKA_ADMIN_TOKEN/)]);
  });
});

describe('a command', () => {
  beforeEach(async () => {
    await mkdir(join(home, '.config', 'jidoka'), { recursive: true });
    await writeFile(path, 'made-here\n');
  });

  test.each([undefined, 'http://127.0.0.1:9095', 'http://localhost:1/', 'http://[::1]:9095'])(
    'gives the token that was made here to an engine here, %s',
    (url) => {
      expect(adminTokenFor(url, { HOME: home })).toBe('made-here');
    },
  );

  test.each([
    'http://jidoka.example.com:9095',
    'http://10.0.0.7:9095',
    'https://127.0.0.1.evil.example',
    'http://127.0.0.1@evil.example',
    'file.jsonl',
  ])('gives it to no other, such as %s', (url) => {
    expect(adminTokenFor(url, { HOME: home })).toBeUndefined();
  });

  test('prefers what the environment says, for any engine', () => {
    const env = { HOME: home, JIDOKA_ADMIN_TOKEN: 'set' };
    expect(adminTokenFor(undefined, env)).toBe('set');
    expect(adminTokenFor('http://10.0.0.7:9095', env)).toBe('set');
  });

  test('sends none where there is none for this user', async () => {
    await chmod(path, 0o600);
    await writeFile(path, '');
    expect(adminTokenFor(undefined, { HOME: home })).toBeUndefined();
    await rm(path);
    expect(adminTokenFor(undefined, { HOME: home })).toBeUndefined();
    expect(await readFile(join(home, 'x')).catch(() => 'nothing')).toBe('nothing');
  });
});

import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { auditKeys } from '../../src/audit/key.js';
import { createAuditSealer } from '../../src/audit/sealer.js';
import { createLedger, type Ledger } from '../../src/ledger/ledger.js';
import { makeDir } from '../support/parts/place.js';
import { usePart } from '../support/parts.js';

/* The command as it was built, and the commands of docs/reference/audit-trail.md as they stand there. */

const main = resolve('dist/main.js');
const cell = `audit-${randomUUID()}`;
const key = 'f00dcafe'.repeat(8);
let redis: Redis;
let ledger: Ledger;
let dir: string;
let env: Record<string, string>;

beforeAll(async () => {
  redis = new Redis(usePart('redis').url);
  ledger = createLedger({ redis, cell });
  dir = await makeDir('audit');
  const { PATH = '' } = process.env;
  env = { PATH, REDIS_URL: usePart('redis').url, JIDOKA_CELL: cell, JIDOKA_AUDIT_KEY: key };
});
afterAll(async () => {
  const left = await redis.keys(`{${cell}}:*`);
  if (left.length > 0) await redis.del(...left);
  await redis.quit();
});

async function record(count: number, seal = true): Promise<void> {
  const pipeline = redis.pipeline();
  for (let index = 0; index < count; index += 1) {
    const record = { atMs: 1, subject: 'run', id: `run-${index}`, event: 'admitted' } as const;
    pipeline.call(...(ledger.audit(record).map(String) as [string, ...string[]]));
  }
  await pipeline.exec();
  if (!seal) return;
  await redis.del(ledger.keys.auditSealer);
  const { sealing, find } = auditKeys([key]);
  if (sealing === undefined) throw new Error('there is no key');
  await createAuditSealer({ ledger, key: sealing, find }).sealNew(Date.now());
}

function jidoka(args: readonly string[], more: Record<string, string> = {}) {
  return finished(process.execPath, [main, 'audit', ...args], more);
}

function finished(program: string, args: readonly string[], more: Record<string, string> = {}) {
  return new Promise<{ code: number; stdout: string; stderr: string }>((done) => {
    const options = { cwd: dir, env: { ...env, ...more }, maxBuffer: 64 * 1_024 * 1_024 };
    execFile(program, [...args], options, (error, stdout, stderr) => {
      done({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

test('what docs/reference/audit-trail.md tells to type works, and says what it says there', async () => {
  await record(5);
  await record(2, false);
  const blocks = readFileSync('docs/reference/audit-trail.md', 'utf8').matchAll(
    /^```sh\n([^`]*)^```/gm,
  );
  const commands = [...blocks].map(([, block = '']) => block);
  expect(commands).toHaveLength(3);
  const [makesKey = '', ...others] = commands;
  expect((await finished('sh', ['-ec', makesKey])).code).toBe(0);
  expect(await readFile(join(dir, 'audit.key'), 'utf8')).toMatch(/^[0-9a-f]{64}\n$/);
  await writeFile(join(dir, 'audit.key'), key);
  const shell = others.join('').replaceAll('npx jidoka', `'${process.execPath}' '${main}'`);
  const file = { JIDOKA_AUDIT_KEY: '', JIDOKA_AUDIT_KEY_FILE: join(dir, 'audit.key') };
  const { code, stdout, stderr } = await finished('sh', ['-ec', shell], file);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const said =
    /^verified: 5 records in 1 block, from \d{4}-\S+Z to \d{4}-\S+Z\nnot sealed yet: 2 records\n/;
  expect(stdout).toMatch(said);
  expect(stdout.replace(said, '')).toMatch(said);
});

test('what does not fit is named, with exit code 1', async () => {
  await record(5);
  const [entry = ''] = (await redis.xrange(ledger.keys.audit, '-', '+', 'COUNT', 1))[0] ?? [];
  const { stdout: exported } = await jidoka(['export']);
  await writeFile(join(dir, 'changed.jsonl'), exported.replace('run-0', 'run-9'));
  await writeFile(join(dir, 'torn.jsonl'), exported.slice(0, -40));
  const changed = await jidoka(['verify', '--file', 'changed.jsonl']);
  expect(changed).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(`DOES NOT FIT: record ${entry} .*: changed`),
  });
  const torn = await jidoka(['verify', '--file', 'torn.jsonl']);
  expect(torn).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/DOES NOT FIT: line \d+: expected a line of/),
  });

  await redis.xdel(ledger.keys.audit, entry);
  const removed = await jidoka(['verify']);
  expect(removed).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(`DOES NOT FIT: record ${entry} .*: removed`),
  });
  await redis.del(ledger.keys.audit, ledger.keys.auditBlocks, ledger.keys.auditHead);
});

test('a trail that nobody seals is called so, with the setting that seals it', async () => {
  await record(3, false);
  const { stdout: exported } = await jidoka(['export']);
  await writeFile(join(dir, 'unsealed.jsonl'), exported);
  const without = { JIDOKA_AUDIT_KEY: '' };
  const expected = {
    code: 1,
    stdout: expect.stringMatching(/^NOT SEALED: 3 records, .* set JIDOKA_AUDIT_KEY to seal/),
  };
  expect(await jidoka(['verify'], without)).toMatchObject(expected);
  expect(await jidoka(['verify', '--file', 'unsealed.jsonl'], without)).toMatchObject(expected);
  await record(1);
  expect(await jidoka(['verify'], without)).toMatchObject({
    code: 1,
    stdout: expect.stringContaining('add it to JIDOKA_AUDIT_KEY'),
  });
  await redis.del(ledger.keys.audit, ledger.keys.auditBlocks, ledger.keys.auditHead);
});

test('a usage error is told apart from a trail that cannot be verified', async () => {
  expect(await jidoka([])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Usage: jidoka audit'),
  });
  expect(await jidoka(['verify', '--fast'])).toMatchObject({ code: 2 });
  expect(await jidoka(['verify', '--file', 'nowhere.jsonl'])).toMatchObject({ code: 2 });
  expect(await jidoka(['export', '--since', 'yesterday'])).toMatchObject({
    code: 2,
    stderr:
      'jidoka: --since: expected a time such as 2026-01-31T08:00:00Z, got "yesterday"\nRun \'jidoka audit export --help\'.\n',
  });
  const away = await jidoka(['verify'], { REDIS_URL: 'redis://:hunter2@127.0.0.1:1' });
  expect(away).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/Redis could not be reached.*check REDIS_URL/),
  });
  expect(away.stderr).not.toContain('hunter2');
  const short = await jidoka(['verify'], { JIDOKA_AUDIT_KEY: 'hunter2' });
  expect(short).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('at least 32 characters'),
  });
  expect(short.stderr).not.toContain('hunter2');
});

test('an export waits for a slow reader, and ends quietly with one that has seen enough', async () => {
  await record(20_000);
  const whole = (await jidoka(['export'])).stdout.split('\n').length;
  const slow = await finished('sh', [
    '-c',
    `'${process.execPath}' '${main}' audit export | (sleep 1; wc -l)`,
  ]);
  expect(Number(slow.stdout)).toBe(whole - 1);

  const child = spawn(process.execPath, [main, 'audit', 'export'], { env, cwd: dir });
  let complaints = '';
  child.stderr.on('data', (data) => {
    complaints += data;
  });
  await once(child.stdout, 'data');
  child.stdout.destroy();
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(complaints).toBe('');
});

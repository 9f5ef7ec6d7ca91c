import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { createLedger } from '../../src/ledger/ledger.js';
import { makeDir } from '../support/parts/place.js';
import { usePart } from '../support/parts.js';

const run = promisify(execFile);
const main = resolve('dist/main.js');

test('the command of docs/upgrade-and-restore.md pauses everything and tells a person', async () => {
  const cell = `restored-${randomUUID()}`;
  const { url } = usePart('redis');
  const redis = new Redis(url);
  onTestFinished(async () => {
    await redis.del(...(await redis.keys(`{${cell}}:*`)));
    await redis.quit();
  });
  const { keys } = createLedger({ redis, cell });
  const document = readFileSync('docs/upgrade-and-restore.md', 'utf8');
  const blocks = [...document.matchAll(/```sh\n([^`]*)```/g)].map(([, text = '']) => text.trim());
  expect(blocks).toEqual(['npx jidoka restored']);

  const command = blocks.join('\n').replace('npx jidoka', `'${process.execPath}' '${main}'`);
  const { PATH = '' } = process.env;
  const { stdout } = await run('sh', ['-ec', command], {
    cwd: await makeDir('restored'),
    env: { PATH, REDIS_URL: url, JIDOKA_CELL: cell },
  });
  expect(stdout).toContain('everything automatic is paused');
  expect(JSON.parse((await redis.hget(keys.pauses, 'everything')) ?? '')).toMatchObject({
    of: 'everything',
    untilMs: null,
  });
  expect(await redis.zcard(keys.openEscalations)).toBe(1);
  expect(await redis.zrange(keys.agenda, '0', '-1')).toEqual([
    expect.stringMatching(/^message:/),
    expect.stringMatching(/^reminder:/),
  ]);
});

test('it says so when it could not be said to Redis', async () => {
  const { PATH = '' } = process.env;
  const env = { PATH, REDIS_URL: 'redis://:hunter2@127.0.0.1:1' };
  const failed = run(process.execPath, [main, 'restored'], { env });
  await expect(failed).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^jidoka: Redis could not be reached: (?!.*hunter2).*REDIS_URL/),
  });
});

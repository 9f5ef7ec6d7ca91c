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

test('the commands of docs/how-to/restore.md pause everything and tell a person, and accept the ledger', async () => {
  const cell = `restored-${randomUUID()}`;
  const { url } = usePart('redis');
  const redis = new Redis(url);
  onTestFinished(async () => {
    await redis.del(...(await redis.keys(`{${cell}}:*`)));
    await redis.quit();
  });
  const { keys } = createLedger({ redis, cell });
  const document = readFileSync('docs/how-to/restore.md', 'utf8');
  const blocks = [...document.matchAll(/```sh\n([^`]*)```/g)].map(([, text = '']) => text.trim());
  expect(blocks).toEqual([
    'npx jidoka restored',
    'npx jidoka resume',
    'npx jidoka restored --accept',
  ]);
  const [restored = '', , accept = ''] = blocks;
  const cwd = await makeDir('restored');
  const { PATH = '' } = process.env;
  const execute = async (command: string) => {
    const called = command.replace('npx jidoka', `'${process.execPath}' '${main}'`);
    const env = { PATH, REDIS_URL: url, JIDOKA_CELL: cell };
    return (await run('sh', ['-ec', called], { cwd, env })).stdout;
  };

  expect(await execute(restored)).toContain('everything automatic is paused');
  expect(JSON.parse((await redis.hget(keys.pauses, 'everything')) ?? '')).toMatchObject({
    of: 'everything',
    untilMs: null,
  });
  expect(await redis.zcard(keys.openEscalations)).toBe(1);
  expect(await redis.zrange(keys.schedule, '0', '-1')).toEqual([
    expect.stringMatching(/^message:/),
    expect.stringMatching(/^reminder:/),
  ]);

  expect(await execute(accept)).toContain(
    'the pause of everything that the engine had set is lifted',
  );
  expect(await redis.hlen(keys.pauses)).toBe(0);
  expect(await execute(accept)).toContain('the engine had paused nothing');
});

test('it says so when it could not be said to Redis', async () => {
  const { PATH = '' } = process.env;
  const env = { PATH, REDIS_URL: 'redis://:hunter2@127.0.0.1:1' };
  const failed = run(process.execPath, [main, 'restored'], { env });
  await expect(failed).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^jidoka: Redis could not be reached: (?!.*hunter2).*REDIS_URL/),
  });
});

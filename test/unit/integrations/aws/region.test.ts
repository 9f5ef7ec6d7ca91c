import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findProfileRegion } from '../../../../src/integrations/aws/region.js';

const before = { ...process.env };
let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'jidoka-aws-'));
  for (const name of Object.keys(process.env).filter((key) => key.startsWith('AWS_'))) {
    delete process.env[name];
  }
  process.env.HOME = home;
});

afterEach(async () => {
  process.env = { ...before };
  await rm(home, { recursive: true });
});

async function write(name: string, text: string): Promise<string> {
  await mkdir(join(home, '.aws'), { recursive: true });
  const file = join(home, '.aws', name);
  await writeFile(file, text);
  return file;
}

const look = (more: Record<string, string> = {}) => {
  Object.assign(process.env, more);
  return findProfileRegion(process.env);
};

test('the region of the profile that AWS_PROFILE names is found', async () => {
  await write('config', '[default]\nregion = eu-west-1\n[profile ops]\nregion = us-east-1\n');
  expect(await look({ AWS_PROFILE: 'ops' })).toBe('us-east-1');
});

test('the region of the default profile is found', async () => {
  await write('config', '[default]\nregion = eu-west-1\n');
  expect(await look()).toBe('eu-west-1');
});

test('a file elsewhere is read', async () => {
  const file = await write('elsewhere', '[default]\nregion = ap-south-1\n');
  expect(await look({ AWS_CONFIG_FILE: file })).toBe('ap-south-1');
});

test('a region beside the credentials is found', async () => {
  await write('credentials', '[default]\nregion = ca-central-1\naws_access_key_id = a\n');
  expect(await look()).toBe('ca-central-1');
});

test.each([
  ['there are no files', ''],
  ['the profile has no region', '[default]\noutput = json\n[profile ops]\noutput = text\n'],
  ['the profile is not there', '[profile other]\nregion = eu-west-1\n'],
])('none is found where %s', async (_, text) => {
  if (text !== '') await write('config', text);
  expect(await look(text === '' ? {} : { AWS_PROFILE: 'ops' })).toBeUndefined();
});

import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PartMissingError } from '../../../src/lib/errors.js';
import { ensureProgram } from '../../../src/local/packages.js';

const wanted = { program: 'jidoka-no-such-program', package: 'no-such-package' };
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'jidoka-unit-'));
  vi.stubEnv('PATH', folder);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

test('a program in PATH is found where it is', async () => {
  const path = join(folder, wanted.program);
  await writeFile(path, '#!/bin/sh\n');
  await chmod(path, 0o755);
  expect(await ensureProgram(wanted)).toBe(path);
});

test('a daemon is found although its folder is not in PATH', async () => {
  expect(await ensureProgram({ program: 'sh', package: 'dash' })).toBe('/usr/bin/sh');
});

test('a folder, or a file that may not be executed, is no program', async () => {
  const path = join(folder, wanted.program);
  await mkdir(path);
  await expect(ensureProgram(wanted)).rejects.toThrow(PartMissingError);
  await rm(path, { recursive: true });
  await writeFile(path, '');
  await chmod(path, 0o644);
  await expect(ensureProgram(wanted)).rejects.toThrow(PartMissingError);
});

test('without apt-get the error says in one line what to install', async () => {
  await expect(ensureProgram(wanted)).rejects.toThrow(
    /^jidoka-no-such-program is not installed: .*apt-get install no-such-package\)$/,
  );
});

test('where the user may not install packages, the error says which command to run', async () => {
  await executable('apt-get', 'exit 0');
  await executable('sudo', 'exit 1');
  vi.spyOn(process, 'getuid').mockReturnValue(1000);
  await expect(ensureProgram(wanted)).rejects.toThrow(
    'jidoka-no-such-program is not installed, and this user may not install it: run "sudo apt-get install no-such-package"',
  );
});

async function executable(name: string, body: string): Promise<void> {
  await writeFile(join(folder, name), `#!/bin/sh\n${body}\n`);
  await chmod(join(folder, name), 0o755);
}

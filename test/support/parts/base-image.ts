import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, rename } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { ensureProgram } from '../../../src/local/packages.js';
import { removeDir } from './place.js';

const run = promisify(execFile);
/** Kept from one run to the next: making it takes more than a minute. */
const cache = resolve(import.meta.dirname, '../../../.data/deploy');
const log = (line: string) => console.log(`tests: ${line}`);

/**
 * Makes the archive of an image with Node and Redis, in place of images of a registry, which the tests may not
 * reach: Debian's packages by debootstrap, and Node by npm.
 *
 * @param major which Node
 * @returns the path of a tar file, for `docker import`
 */
export async function makeBaseArchive(major: number): Promise<string> {
  const archive = join(cache, `node-${major}.tar`);
  if (existsSync(archive)) return archive;
  const root = join(cache, `root-${process.pid}`);
  await makeDebian(root);
  const node = await getNode(major);
  await copyFile(node, join(root, 'usr/local/bin/node'));
  const made = join(cache, `node-${major}-${process.pid}.tar`);
  await run('tar', ['--create', '--file', made, '--directory', root, '.']);
  // whole or not at all
  await rename(made, archive);
  await removeDir(root);
  return archive;
}

/** The path of a Node of this version, which npm brings. */
export async function getNode(major: number): Promise<string> {
  const dir = join(cache, `npm-${major}`);
  const name = `node-linux-${process.arch}`;
  const node = join(dir, 'node_modules', name, 'bin/node');
  if (existsSync(node)) return node;
  await mkdir(dir, { recursive: true });
  log(`getting Node ${major} …`);
  const options = ['--no-save', '--no-audit', '--no-fund', '--no-package-lock'];
  await run('npm', ['install', ...options, '--prefix', dir, `${name}@${major}`]);
  return node;
}

async function makeDebian(root: string): Promise<void> {
  const debootstrap = await ensureProgram({
    program: 'debootstrap',
    package: 'debootstrap',
    log,
  });
  const [from = '', codename = ''] = await archiveOfThisSystem();
  await mkdir(cache, { recursive: true });
  log(`making an image of Debian ${codename} …`);
  const packages = '--include=libstdc++6,redis-server';
  await run(debootstrap, ['--variant=minbase', packages, codename, root, from]);
  // what no program in a container reads
  for (const part of ['var/cache/apt', 'var/lib/apt/lists', 'usr/share/doc', 'usr/share/man'])
    await removeDir(join(root, part));
}

/** Where this system gets Debian's packages: the address and the release's name. */
async function archiveOfThisSystem(): Promise<readonly string[]> {
  const format = '$(REPO_URI) $(CODENAME)';
  const { stdout } = await run('apt-get', [
    'indextargets',
    ...['--format', format],
    'Created-By: Packages',
  ]);
  return stdout.split('\n', 1)[0]?.split(' ') ?? [];
}

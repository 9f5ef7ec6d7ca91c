import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { InputError, messageOf } from '../lib/errors.js';
import { visible } from '../lib/visible.js';
import { importJobs, type JenkinsFile } from '../migration/jenkins/import-jobs.js';
import { UsageError } from './usage-error.js';

/** Folders of a Jenkins home in which no jobs are. */
const elsewhere = new Set([
  'builds',
  'workspace',
  'users',
  'nodes',
  'plugins',
  'war',
  'logs',
  'secrets',
]);
const maxBytes = 4 * 2 ** 20;

/** `jidoka import jenkins`: makes jobs and playbooks of Jenkins jobs. Returns the exit code. */
export async function importJenkins(
  path: string,
  { to }: { readonly to: string },
): Promise<number> {
  const found = await readJobs(path);
  if (found.length === 0) {
    throw new UsageError(`${path} holds no jobs of Jenkins: expected config.xml files`);
  }
  const { files, imported, left } = importJobs(found);
  await mkdir(to, { recursive: true });
  const there = new Set(await readdir(to));
  const taken = files.find(({ file }) => there.has(file));
  if (taken !== undefined) {
    throw new UsageError(
      `${join(to, taken.file)} is there already: expected an empty folder, use --to`,
    );
  }
  for (const { file, text } of files) await writeFile(join(to, file), text, { flag: 'wx' });
  const lines = [
    `${found.length} read, ${imported} written to ${to}, ${left} not imported`,
    `read ${join(to, 'report.md')}, then: jidoka check ${to}`,
  ];
  process.stdout.write(`${lines.map((line) => visible(line)).join('\n')}\n`);
  return 0;
}

/** Reads a file, a folder of XML files, or a Jenkins home. Follows no links. */
async function readJobs(path: string): Promise<JenkinsFile[]> {
  const about = await stat(path).catch((error: unknown) => {
    throw new UsageError(`${path} cannot be read: ${messageOf(error)}`);
  });
  if (!about.isDirectory()) return [await readJob(path, nameOf(path), path)];
  const found: JenkinsFile[] = [];
  await walk(path);
  return found.sort((one, other) => (one.file < other.file ? -1 : 1));

  async function walk(folder: string): Promise<void> {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const file = join(folder, entry.name);
      if (entry.isDirectory() && !elsewhere.has(entry.name)) await walk(file);
      if (!entry.isFile() || !entry.name.endsWith('.xml')) continue;
      const parts = relative(path, file).split(sep);
      const isConfig = entry.name === 'config.xml';
      const folders = parts.slice(0, -1).filter((part) => part !== 'jobs');
      // the home's own settings, and files of plugins beside them, are no jobs
      if (parts.length === 1 && (await isHome(path))) continue;
      const isOwn = isConfig && parts.length === 1;
      const name = isOwn
        ? nameOf(file)
        : isConfig
          ? folders.join('/')
          : [...folders, entry.name.slice(0, -4)].join('/');
      found.push(await readJob(file, name, relative(path, file)));
    }
  }
}

/** The name of the job of a file: that of its folder, with the folders of Jenkins before it, for a `config.xml`. */
function nameOf(path: string): string {
  if (basename(path) !== 'config.xml') return basename(path).replace(/\.xml$/, '');
  const parts = dirname(resolve(path)).split(sep);
  const names = [parts.pop() ?? ''];
  while (parts.at(-1) === 'jobs' && parts.at(-3) === 'jobs') {
    parts.pop();
    names.unshift(parts.pop() ?? '');
  }
  return names.join('/');
}

async function isHome(path: string): Promise<boolean> {
  const names = await readdir(path);
  return names.includes('jobs') && names.includes('config.xml');
}

async function readJob(path: string, name: string, file: string): Promise<JenkinsFile> {
  const bytes = await readFile(path);
  if (bytes.length > maxBytes) {
    throw new InputError(`${path}: expected at most ${maxBytes} bytes`, path);
  }
  return { name, file, text: bytes.toString('utf8') };
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { makeDir } from './parts/place.js';

/** The built engine as a process of its own. */
export interface Jidoka {
  readonly url: string;
  readonly pid: number;
  /** What it wrote to standard error: the report at the start. */
  readonly report: readonly string[];
  /** The lines of its log. */
  readonly logged: readonly string[];
  /** Reads a list or a record of its API. */
  api<T>(path: string): Promise<T>;
  /** Its exit code, once it has ended. */
  readonly exited: Promise<number | null>;
  /** Asks it to end, and gives back its exit code. */
  stop(): Promise<number | null>;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const startWithinMs = 30_000;

/** Starts `jidoka serve` (as it was built) with this environment, and waits until it has reported. */
export async function startJidoka(
  env: Readonly<Record<string, string>>,
  cwd?: string,
  args: readonly string[] = [],
): Promise<Jidoka> {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [`${root}/dist/main.js`, 'serve', ...args], {
    cwd: cwd ?? (await makeDir('jidoka')),
    env: { PATH, HOME, PORT: '0', LOG_LEVEL: 'warn', JIDOKA_PLAYBOOKS: `${root}playbooks`, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const report: string[] = [];
  const logged: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    logged.push(line);
    process.stdout.write(`${line}\n`);
  });
  const url = await new Promise<string>((resolve, reject) => {
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`jidoka did not start:\n${report.join('\n')}`));
    }, startWithinMs);
    let found = '';
    createInterface({ input: child.stderr }).on('line', (line) => {
      report.push(line);
      found ||= line.match(/listening on (\S+)/)?.[1] ?? '';
      if (!line.startsWith('  Webhook')) return;
      clearTimeout(late);
      resolve(found);
    });
    exited.then(([code]) => {
      clearTimeout(late);
      reject(new Error(`jidoka ended with code ${code}:\n${report.join('\n')}`));
    }, reject);
  });
  return {
    url,
    pid: child.pid ?? 0,
    report,
    logged,
    exited: exited.then(([code]) => code),
    async api<T>(path: string) {
      const answer = await fetch(`${url}/api/v1/${path}`, { headers: adminHeaders(env) });
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
      return (await answer.json()) as T;
    },
    async stop() {
      child.kill('SIGTERM');
      const [code] = await exited;
      return code;
    },
  };
}

/** What shows the admin token of this environment, if there is one. */
function adminHeaders(env: Readonly<Record<string, string>>): Record<string, string> {
  const { JIDOKA_ADMIN_TOKEN: token } = env;
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

/** What a command of `jidoka` said, and its exit code. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command of `jidoka` (as it was built) to its end, with this environment and no other. */
export async function runJidoka(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  cwd = root,
): Promise<Ran> {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [`${root}/dist/main.js`, ...args], {
    cwd,
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { code, stdout, stderr };
}

import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

/** A program that runs beside this process. */
export interface Child {
  /** `undefined` where it could not be started at all. */
  readonly pid: number | undefined;
  /** Settles when the program has ended: how it ended and the last it said. Never rejects. */
  readonly exited: Promise<string>;
  /** Asks it to end (SIGTERM), and ends it (SIGKILL) after `timeoutMs`. */
  stop(timeoutMs: number): Promise<void>;
}

/** What to run, and how. */
export interface ChildOptions {
  readonly command: readonly [program: string, ...args: string[]];
  /** Written to its standard input. */
  readonly input?: string;
  /** What it gets when this process dies without stopping it. */
  readonly deathSignal: 'SIGTERM' | 'SIGKILL';
  /** Each line it writes. */
  readonly onLine: (line: string) => void;
}

const lastLinesKept = 3;

/**
 * Starts a program in a session of its own, so that a Ctrl+C in the terminal does not reach it
 * before its owner has stopped using it. Where util-linux is there (Linux), the kernel ends it when
 * this process dies, however that happens. Call it from the main thread: to the kernel the parent is
 * the thread (PR_SET_PDEATHSIG of prctl(2)).
 *
 * It is given nothing of the environment but PATH, HOME and TMPDIR: there may be secrets in the rest.
 */
export function startChild(options: ChildOptions): Child {
  const tie = ['setpriv', '--pdeathsig', options.deathSignal] as const;
  const [program, ...args] = runs([...tie, 'true'])
    ? ([...tie, ...options.command] as const)
    : options.command;
  const { PATH, HOME, TMPDIR } = process.env;
  const child = spawn(program, args, { detached: true, env: { PATH, HOME, TMPDIR } });

  const lastLines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lastLines.push(line);
      lastLines.splice(0, lastLines.length - lastLinesKept);
      options.onLine(line);
    });
  }
  const exited = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) => {
      const end = signal === null ? `ended with code ${code}` : `was ended by ${signal}`;
      resolve([end, ...lastLines].join('; '));
    });
  });
  // a program that ends before it read its input says why itself
  child.stdin.on('error', () => {});
  child.stdin.end(options.input);

  return {
    pid: child.pid,
    exited,
    async stop(timeoutMs) {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
      await exited;
      clearTimeout(timer);
    },
  };
}

/** Whether a command exists here and succeeds; only for commands that change nothing and end at once. */
export function runs(command: readonly [string, ...string[]]): boolean {
  const [program, ...args] = command;
  return spawnSync(program, args, { stdio: 'ignore', timeout: 5_000 }).status === 0;
}

/**
 * Waits until `ready` says yes. Throws what `failure` makes of the reason when the child ends or
 * `timeoutMs` pass; a child that was not ready in time is stopped.
 */
export async function untilReady(
  child: Child,
  options: {
    readonly ready: () => Promise<boolean>;
    readonly timeoutMs: number;
    readonly failure: (detail: string) => Error;
  },
): Promise<void> {
  let ended: string | undefined;
  child.exited.then((detail) => {
    ended = detail;
  });
  const deadline = Date.now() + options.timeoutMs;
  while (!(await options.ready())) {
    if (ended !== undefined) throw options.failure(ended);
    if (Date.now() > deadline) {
      await child.stop(1_000);
      throw options.failure(
        `was not ready after ${options.timeoutMs / 1000} s; ${await child.exited}`,
      );
    }
    await delay(50);
  }
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Random } from './random.js';

/** An engine that is killed again and again, and started again. */
export interface Mortal {
  /** How often it was killed. */
  kills(): number;
  /** Kills it no more; one that is away comes back. */
  spare(): void;
  stop(): Promise<void>;
}

interface MortalOptions {
  /** The folder that it is started in, where its restore marker is. */
  readonly dir: string;
  readonly env: Readonly<Record<string, string>>;
  readonly random: Random;
  /** How long it may stay away after it was killed. */
  readonly absenceMs: number;
}

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
/** How many of its lives end while it starts. */
const stillborn = 0.2;
const longestStartMs = 2_000;
const shortestLifeMs = 100;
const longestLifeMs = 4_000;

/** Starts the engine and kills it (SIGKILL) at random moments, at times while it starts. */
export function startMortal({ dir, env, random, absenceMs }: MortalOptions): Mortal {
  const { PATH = '' } = process.env;
  let kills = 0;
  let spared = false;
  let stopped = false;
  let child: ChildProcess;

  async function live(): Promise<void> {
    while (!stopped) {
      const current = spawn(process.execPath, [main, 'serve'], {
        cwd: dir,
        env: { PATH, LOG_LEVEL: 'silent', ...env },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      child = current;
      const exited = once(current, 'exit');
      const isStillborn = random.next() < stillborn;
      const startMs = random.between(0, longestStartMs);
      const lifeMs = random.between(shortestLifeMs, longestLifeMs);
      if (isStillborn) killIn(current, startMs);
      else current.stderr.once('data', () => killIn(current, lifeMs));
      current.stderr.resume();
      await exited;
      const awayMs = random.between(50, absenceMs);
      if (!stopped) await sleep(spared ? 50 : awayMs);
    }
  }

  function killIn(current: ChildProcess, ms: number): void {
    setTimeout(() => {
      if (spared || stopped || current.exitCode !== null || current.signalCode !== null) return;
      kills += 1;
      current.kill('SIGKILL');
    }, ms);
  }

  const living = live();
  return {
    kills: () => kills,
    spare() {
      spared = true;
    },
    async stop() {
      stopped = true;
      child.kill('SIGTERM');
      await living;
    },
  };
}

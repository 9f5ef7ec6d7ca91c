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
  readonly env: Readonly<Record<string, string>>;
  readonly random: Random;
  /** How long it may stay away after it was killed. */
  readonly absenceMs: number;
}

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const shortestLifeMs = 500;
const longestLifeMs = 6_000;

/** Starts the engine and kills it (SIGKILL) at random moments, its start included. */
export function startMortal({ env, random, absenceMs }: MortalOptions): Mortal {
  const { PATH = '' } = process.env;
  let kills = 0;
  let spared = false;
  let stopped = false;
  let child: ChildProcess;

  async function live(): Promise<void> {
    while (!stopped) {
      child = spawn(process.execPath, [main, 'serve'], {
        env: { PATH, LOG_LEVEL: 'silent', ...env },
        stdio: 'ignore',
      });
      const exited = once(child, 'exit');
      const timer = setTimeout(
        () => {
          if (spared || stopped) return;
          kills += 1;
          child.kill('SIGKILL');
        },
        random.between(shortestLifeMs, longestLifeMs),
      );
      await exited;
      clearTimeout(timer);
      const awayMs = random.between(50, Math.max(50, absenceMs));
      if (!stopped) await sleep(spared ? 50 : awayMs);
    }
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

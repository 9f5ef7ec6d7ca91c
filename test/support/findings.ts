import type { Finding } from '../../src/lib/finding.js';

/** What the doctor found, a line each: `wrong: appendonly is no`. */
export function lines(findings: readonly Finding[]): string[] {
  return findings.map(({ level, text }) => `${level}: ${text}`);
}

export interface Startable {
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a simulation; `undo` gets what stops it. */
export async function startSim<Sim extends Startable>(
  sim: Sim,
  undo: (() => Promise<unknown>)[],
): Promise<Sim> {
  await sim.start();
  undo.push(sim.stop);
  return sim;
}

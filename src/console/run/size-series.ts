import { isResize } from '../../integrations/contract/operation.js';
import type { Run } from '../../ledger/run.js';

/** The size of a target from one moment on. */
export interface SizePoint {
  readonly atMs: number;
  readonly size: number;
}

/** A change that the run asked for. */
export interface SizeChange {
  readonly atMs: number;
  readonly from: number;
  readonly to: number;
  /** Whether the target took it, as far as is known. */
  readonly taken: boolean;
  readonly undo: boolean;
}

/** How the size of one target went while a run worked on it. */
export interface SizeSeries {
  readonly target: string;
  readonly unit: string;
  readonly points: readonly SizePoint[];
  readonly changes: readonly SizeChange[];
}

/**
 * How the sizes of a run's targets went, as far as the run saw them: what it found before each change, and
 * what it asked for once the target took it. Targets whose state is no number have none.
 */
export function sizeSeries({ attempts }: Pick<Run, 'attempts'>): readonly SizeSeries[] {
  const series = new Map<string, { unit: string; points: SizePoint[]; changes: SizeChange[] }>();
  for (const { change, undo, plannedAtMs, appliedAtMs } of attempts) {
    const { target, op } = change;
    if (!isResize(op)) continue;
    const { from, to, unit } = op;
    const known = series.get(target.name) ?? { unit, points: [], changes: [] };
    const taken = appliedAtMs !== null;
    const atMs = appliedAtMs ?? plannedAtMs;
    known.points.push({ atMs: plannedAtMs, size: from });
    if (taken) known.points.push({ atMs, size: to });
    known.changes.push({ atMs, from, to, taken, undo });
    series.set(target.name, known);
  }
  return [...series].map(([target, rest]) => ({ target, ...rest }));
}

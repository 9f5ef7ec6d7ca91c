import { shortHash } from '../lib/short-hash.js';
import { troubleOf } from './alert-end.js';
import { retentionMs } from './codec.js';
import type { Escalation } from './escalation.js';
import type { Keys } from './keys.js';
import { type Run, targetsOf } from './run.js';
import type { Write } from './transaction.js';

/** How many runs and escalations of one kind, and runs on one target, are found: the latest. */
const maxKept = 50;

/** By what alerts of the same name and service are found; `null`: the alert has no name. */
export function precedentHash(labels: Readonly<Record<string, string>>): string | null {
  return labels.alertname ? shortHash(JSON.stringify(troubleOf({ labels }))) : null;
}

/** The writes by which a new run is found by later alerts like its own, and by its targets. */
export function indexRun(keys: Keys, run: Run): Write[] {
  const { id, createdAtMs } = run;
  return [
    ...indexWrites(keys, run),
    ...targetsOf(run).flatMap((target) => listWrites(keys.runsOn(target.id), createdAtMs, id)),
  ];
}

/** The writes by which a new escalation is found by later alerts like its own. */
export function indexEscalation(keys: Keys, escalation: Escalation): Write[] {
  return escalation.kind === 'lesson' ? [] : indexWrites(keys, escalation);
}

function indexWrites(
  keys: Keys,
  { id, labels, createdAtMs }: Pick<Run, 'id' | 'labels' | 'createdAtMs'>,
): Write[] {
  const hash = precedentHash(labels);
  return hash === null ? [] : listWrites(keys.precedents(hash), createdAtMs, id);
}

function listWrites(key: string, atMs: number, id: string): Write[] {
  return [
    ['ZADD', key, atMs, id],
    ['ZREMRANGEBYRANK', key, 0, -maxKept - 1],
    ['PEXPIRE', key, retentionMs],
  ];
}

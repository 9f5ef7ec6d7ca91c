import type { FailedTask, TaskEvidence } from '../integrations/contract/evidence.js';
import type { Precedent } from '../ledger/evidence.js';
import { lengthInWords } from '../lib/time.js';

/** How a task failed: `exit code 3: task: non-zero exit (3)`. */
function describeFailure({ exitCode, error, state }: FailedTask): string {
  const code = exitCode === null ? '' : `exit code ${exitCode}`;
  return [code, error].filter((text) => text !== '').join(': ') || state;
}

/** The tasks of a service: `1 of 3 tasks running, 4 failed, last with exit code 3`. */
export function describeTasks({
  running,
  desired,
  failed,
  failures,
  problems,
}: TaskEvidence): string {
  const [last] = failures;
  const words = [
    desired === null ? `${running} tasks running` : `${running} of ${desired} tasks running`,
    last === undefined ? '' : `${failed} failed, last with ${describeFailure(last)}`,
    ...problems,
  ];
  return words.filter((text) => text !== '').join(', ');
}

/** What was done the last time: `scale web from 2 to 3 replicas, by scale-up: helped after 2 min`. */
export function describePrecedent({ what, by, result, tookMs }: Precedent): string {
  const results = {
    helped: 'helped',
    failed: 'did not help',
    unknown: 'outcome unknown',
    none: '',
  };
  const took = tookMs === null ? '' : ` after ${lengthInWords(Math.max(tookMs, 1_000))}`;
  const who = by === null ? '' : `, by ${by}`;
  return `${what}${who}${results[result] && `: ${results[result]}${took}`}`;
}

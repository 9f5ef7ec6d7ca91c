import type { ParsedPlaybook } from '../parse.js';
import type { Playbook } from '../playbook.js';
import type { PlaybookProblem } from '../problem.js';
import { implies } from './overlap.js';

/** Playbooks that never get an alert, because an earlier one surely takes all that they match. */
export function shadowed(parsed: readonly ParsedPlaybook[]): PlaybookProblem[] {
  const takers: Playbook[] = [];
  const problems: PlaybookProblem[] = [];
  for (const { playbook, document } of parsed) {
    const taker = takers.find((earlier) => implies(playbook, earlier));
    if (taker !== undefined) {
      const message = `never reached: ${taker.name} (${taker.file}) comes first and takes every alert that this playbook matches; give that one "continue: true", or move this one before it`;
      problems.push(document.problem({ path: ['match'], onKey: true }, message));
    }
    if (!playbook.continue && playbook.mode !== 'shadow') takers.push(playbook);
  }
  return problems;
}

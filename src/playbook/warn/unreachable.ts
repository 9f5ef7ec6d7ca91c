import type { ParsedPlaybook } from '../parse.js';
import type { Policy } from '../policy.js';
import type { PlaybookProblem } from '../problem.js';

/** Steps that are never taken: without news of resolution a run ends after its first step. */
export function unreachable(
  parsed: readonly ParsedPlaybook[],
  policy: Pick<Policy, 'alertmanager'>,
): PlaybookProblem[] {
  if (policy.alertmanager.sendResolved) return [];
  const why =
    'never reached: the policy has "send_resolved: false", so a run ends after its first step';
  return parsed.flatMap(({ playbook: { steps }, document }) => {
    const repeats = (steps[0]?.repeat ?? 1) > 1;
    return [
      ...(repeats
        ? [
            document.problem(
              { path: ['steps', 0, 'repeat'] },
              `the repeats of this step are ${why}`,
            ),
          ]
        : []),
      ...(steps.length > 1
        ? [document.problem({ path: ['steps', 1] }, `this step and what follows it are ${why}`)]
        : []),
    ];
  });
}

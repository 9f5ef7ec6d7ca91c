import type { ParsedPlaybook } from '../parse.js';
import type { Step } from '../playbook.js';
import type { Policy } from '../policy.js';
import type { PlaybookProblem } from '../problem.js';

/** Steps whose bound and the policy's other bound leave no room, where the target gives none itself. */
export function policyBounds(
  parsed: readonly ParsedPlaybook[],
  { bounds }: Pick<Policy, 'bounds'>,
): PlaybookProblem[] {
  return parsed.flatMap(({ playbook, document }) =>
    playbook.steps.flatMap((step, index) => {
      if (step.action.policyBounds !== true) return [];
      const min = numberOf(step, 'min');
      const max = numberOf(step, 'max');
      const at = (bound: 'min' | 'max', message: string) => {
        const advice = 'Jidoka cannot change a target whose labels set no bounds';
        const path = ['steps', index, step.action.name, bound];
        return [document.problem({ path }, `${message}: ${advice}`)];
      };
      const isOpen = (bound: 'min' | 'max') => step.params[bound] === undefined;
      if (max !== undefined && bounds.min !== undefined && max < bounds.min && isOpen('min')) {
        return at('max', `max ${max} is below the policy's min ${bounds.min}`);
      }
      if (min !== undefined && bounds.max !== undefined && min > bounds.max && isOpen('max')) {
        return at('min', `min ${min} is above the policy's max ${bounds.max}`);
      }
      return [];
    }),
  );
}

function numberOf({ params }: Step, name: string): number | undefined {
  const source = params[name]?.source;
  return typeof source === 'number' ? source : undefined;
}

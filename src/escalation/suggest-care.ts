import type { AnyAction, Bounds } from '../action/action.js';
import type { Choice } from '../ledger/escalation.js';
import { TargetError } from '../target/target-error.js';
import { riskOf } from './risk.js';

/** Keeps room in a button for the rest of its words. */
const longestName = 40;
const longestVersion = 25;

/**
 * What a person may want done about a service other than changing its size: that it is restarted, or,
 * where Swarm has paused its rollout, that this is rolled back. What cannot be done now is left out.
 */
export async function suggestCare(options: {
  readonly actions: ReadonlyMap<string, AnyAction>;
  readonly service: string;
  readonly bounds: Bounds;
}): Promise<readonly Choice[]> {
  const { actions, service, bounds } = options;

  async function choiceOf(id: string, name: string): Promise<Choice[]> {
    const action = actions.get(name);
    const params = { service };
    if (action === undefined || !action.params.safeParse(params).success) return [];
    try {
      const plan = action.plan(params, await action.observe(params), bounds);
      if (plan.kind !== 'change') return [];
      const { target, unit, from, to, does } = plan;
      const words = { name: target.name, unit, from, to: [to], ...(does && { does }) };
      const goesTo = id === 'rollback' ? String(to).replace(/, rolled back$/, '') : undefined;
      return [
        {
          id,
          label:
            goesTo === undefined
              ? `Restart ${shortened(target.name, longestName)}`
              : `Roll back ${shortened(target.name, longestName)} to ${shortened(goesTo, longestVersion)}`,
          style: 'danger',
          confirm: riskOf([words]),
          // it does what the person saw, or nothing
          does: {
            kind: 'act',
            action: action.name,
            params: goesTo === undefined ? params : { ...params, to: goesTo },
            target,
          },
        },
      ];
    } catch (error) {
      // that it cannot be read is said with the suggestions for its size
      if (error instanceof TargetError) return [];
      throw error;
    }
  }

  const choices = await Promise.all([
    choiceOf('restart', 'swarm.restart'),
    choiceOf('rollback', 'swarm.rollback'),
  ]);
  return choices.flat();
}

/** The end of a long version tells it from others, the beginning of a long name. */
function shortened(text: string, longest: number): string {
  if (text.length <= longest) return text;
  return longest === longestVersion
    ? `…${text.slice(1 - longest)}`
    : `${text.slice(0, longest - 1)}…`;
}

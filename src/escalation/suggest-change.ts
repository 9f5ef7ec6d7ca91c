import type { AnyAction, Bounds } from '../integrations/contract/action.js';
import type { ChangeOffer } from '../integrations/contract/offer.js';
import { TargetError } from '../integrations/contract/target-error.js';
import type { Choice } from '../ledger/escalation.js';
import { riskOf } from './risk.js';
import { shortened } from './shortened.js';

/** Works out a change that is no size and may be offered now; empty where it cannot be made. */
export async function suggestChange(
  { id, action: actionName, params, button }: ChangeOffer,
  actions: ReadonlyMap<string, AnyAction>,
  bounds: Bounds,
): Promise<readonly Choice[]> {
  const action = actions.get(actionName);
  if (action === undefined || !action.params.safeParse(params).success) return [];
  try {
    const plan = action.plan(params, await action.observe(params), bounds);
    if (plan.kind !== 'change') return [];
    const { target, op } = plan;
    const { label, params: held } = button(plan, shortened(target.name));
    return [
      {
        id,
        label,
        style: 'danger',
        confirm: riskOf([{ name: target.name, operations: [op] }]),
        // it does what the person saw, or nothing
        does: { kind: 'act', action: action.name, params: { ...params, ...held }, target },
      },
    ];
  } catch (error) {
    // that it cannot be read is said with the suggestions for its size
    if (error instanceof TargetError) return [];
    throw error;
  }
}

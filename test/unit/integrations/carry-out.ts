import type { AnyAction, Done, Next } from '../../../src/integrations/contract/action.js';
import { TargetError } from '../../../src/integrations/contract/target-error.js';
import { describeChange } from '../../../src/integrations/operations.js';
import { sendingOf } from '../../support/sending.js';

/**
 * Does what the engine does with an action of several changes, until it ends or waits for too long.
 *
 * @param options.passTime gives the world the time that it takes
 * @param options.between called after each change
 * @returns what the sequence ended with, and what each of its changes did
 */
export async function carryOut(options: {
  readonly action: AnyAction;
  readonly params: object;
  readonly passTime: () => void;
  readonly between?: ((done: readonly Done[]) => unknown) | undefined;
}): Promise<{ end: Next; did: readonly string[] }> {
  const { action, params, passTime, between = () => {} } = options;
  const none = { min: undefined, max: undefined };
  const plan = action.plan(params, await action.observe(params), none);
  if (plan.kind !== 'change' || action.sequence === undefined) throw new Error('no change');
  const { look, next } = action.sequence;
  const done: Done[] = [];
  let last: Next = plan;
  for (let waits = 0; waits < 5; ) {
    const step = { ...sendingOf(params), key: `run-${done.length + 1}` };
    last = next(step, plan, done, await look(step, plan, done));
    if (last.kind === 'wait') {
      waits += 1;
      passTime();
      continue;
    }
    if (last.kind !== 'change') break;
    try {
      await action.apply(last, step);
    } catch (error) {
      if (!(error instanceof TargetError)) throw error;
      if (error.kind !== 'invalid' && error.kind !== 'forbidden') throw error;
      done.push({ change: last, converged: false, seen: error.message });
      continue;
    }
    let progress = await action.verify(last, step);
    for (let looks = 0; progress.kind === 'converging' && looks < 5; looks += 1) {
      passTime();
      progress = await action.verify(last, step);
    }
    done.push({ change: last, converged: progress.kind === 'converged', seen: progress.detail });
    await between(done);
  }
  return {
    end: last,
    did: done.map(({ change }) => describeChange(change)),
  };
}

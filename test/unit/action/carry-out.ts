import type { AnyAction, Done, Next } from '../../../src/action/action.js';
import { TargetError } from '../../../src/target/target-error.js';

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
    last = next(params, plan, done, await look(params, plan, done));
    if (last.kind === 'wait') {
      waits += 1;
      passTime();
      continue;
    }
    if (last.kind !== 'change') break;
    try {
      await action.apply(last);
    } catch (error) {
      if (!(error instanceof TargetError)) throw error;
      if (error.kind !== 'invalid' && error.kind !== 'forbidden') throw error;
      done.push({ change: last, converged: false, seen: error.message });
      continue;
    }
    let progress = await action.verify(last);
    for (let looks = 0; progress.kind === 'converging' && looks < 5; looks += 1) {
      passTime();
      progress = await action.verify(last);
    }
    done.push({ change: last, converged: progress.kind === 'converged', seen: progress.detail });
    await between(done);
  }
  return {
    end: last,
    did: done.map(({ change }) => change.does ?? `${change.from} → ${change.to}`),
  };
}

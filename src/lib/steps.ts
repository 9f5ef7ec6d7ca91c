import { setImmediate as nextTurn } from 'node:timers/promises';

/** Work in small steps: anyone who drives it may do something else in between. */
export type Steps<Result> = Generator<undefined, Result, undefined>;

/** For how long at a time work keeps its event loop from everything else. */
const sliceMs = 10;

/** Does all steps without a pause. */
export function allAtOnce<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** Does the steps and lets the event loop do other things before them and every 10 ms. */
export async function inSlices<Result>(steps: Steps<Result>): Promise<Result> {
  await nextTurn();
  let untilMs = performance.now() + sliceMs;
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    if (performance.now() < untilMs) continue;
    await nextTurn();
    untilMs = performance.now() + sliceMs;
  }
}

import { z } from 'zod';
import type { AnyAction, Bounds, Next, Progress } from '../../src/integrations/contract/action.js';
import type { Change, Target } from '../../src/integrations/contract/change.js';
import { operationOf, resize } from '../../src/integrations/contract/operation.js';
import { planResize, planSize } from '../../src/integrations/contract/resize.js';
import { TargetError, type TargetErrorKind } from '../../src/integrations/contract/target-error.js';
import type { Clock } from '../../src/lib/clock.js';

/** When a change that a service took comes into effect. */
export type Convergence = 'at_once' | 'never' | { readonly afterMs: number };

type Method = 'observe' | 'apply' | 'verify';

interface Fault {
  readonly error: Error;
  /** `apply` only: the target takes the change all the same. */
  readonly effect: boolean;
}

/** Services that live in memory and do what a test tells them, and the action that scales them. */

const params = z.strictObject({
  service: z.string().min(1),
  by: z.int(),
  min: z.int().optional(),
  max: z.int().optional(),
});

/** The bounds of a step, else those of the policy. */
function boundsOf(given: Partial<Bounds>, fallback: Bounds) {
  const bound = (value: number | undefined) =>
    value === undefined ? undefined : { value, source: 'the test' };
  return { min: bound(given.min ?? fallback.min), max: bound(given.max ?? fallback.max) };
}

/** Scales like the other, but there is nothing to look at before or after it. */
function createTestCall(scale: AnyAction): AnyAction {
  return { ...scale, name: 'test.call', unobservable: true };
}

/** Has every other service follow the one that is scaled; what does not come into effect takes that one back. */
function createTestSpread(
  scale: AnyAction,
  services: () => [string, { id: string; size: number; wait: boolean }][],
): AnyAction {
  return {
    ...scale,
    name: 'test.spread',
    sequence: {
      outline: () => 'each other service by one',
      look: async ({ params }) => {
        await scale.observe(params);
        return services().map(([name, { id, size, wait }]) => ({
          target: { id, name },
          size,
          wait,
        }));
      },
      next(_params, plan, done, seen: { target: Target; size: number; wait: boolean }[]): Next {
        const last = done.at(-1);
        if (last === undefined) return plan;
        const isBack = done.length > 1 && last.change.target.id === plan.target.id;
        if (isBack) return { kind: 'failed', detail: done.at(-2)?.seen ?? '' };
        if (!last.converged)
          return { ...plan, op: { ...plan.op, from: plan.op.to, to: plan.op.from } };
        const left = seen.find(({ target }) =>
          done.every(({ change }) => change.target.id !== target.id),
        );
        if (left === undefined) return { kind: 'complete', detail: 'all follow' };
        const { target, size, wait } = left;
        if (wait) return { kind: 'wait', detail: 'a rollout is in progress' };
        return {
          kind: 'change',
          target,
          op: { ...plan.op, from: size, to: size + 1 },
          version: null,
        };
      },
    },
  };
}

interface Service {
  id: string;
  size: number;
  /** Goes up with each change. */
  version: number;
  convergence: Convergence;
  changedAtMs: number;
  wait: boolean;
}

/**
 * @param options.fenced services refuse a change that was planned from an earlier version. Else there is
 *   deliberately no compare-and-set: only the engine keeps a change from being sent twice.
 */
export function createTargets({
  clock,
  fenced,
}: {
  readonly clock: Clock;
  readonly fenced: boolean;
}) {
  const services = new Map<string, Service>();
  const effects: string[] = [];
  const calls: Record<Method, number> = { observe: 0, apply: 0, verify: 0 };
  const faults: Record<Method, Fault[]> = { observe: [], apply: [], verify: [] };
  let hook: ((change: Change) => Promise<void>) | undefined;

  function service(name: string) {
    const found = services.get(name);
    if (found === undefined) throw new TargetError('not_found', `there is no service ${name}`);
    return found;
  }

  function fault(method: Method): Fault | undefined {
    calls[method] += 1;
    const next = faults[method].shift();
    if (next !== undefined && !next.effect) throw next.error;
    return next;
  }

  const action: AnyAction = {
    name: 'test.scale',
    summary: 'Scales a service that lives in memory.',
    params,
    operations: [resize],
    resultAlert: { alertname: 'scale_service' },
    convergeWithinMs: 60_000,

    async observe({ service: name }: z.infer<typeof params>) {
      fault('observe');
      const { id, size, wait, version: seen } = service(name);
      const version = fenced ? String(seen) : null;
      return { target: { id, name }, size, unit: 'replicas', version, state: { wait } };
    },

    plan({ by, ...given }: z.infer<typeof params>, observation, fallback) {
      if (observation.state.wait) return { kind: 'wait', detail: 'a rollout is in progress' };
      return planResize(observation, { delta: by, ...boundsOf(given, fallback) });
    },

    planTo(given: z.infer<typeof params>, observation, to, fallback) {
      if (observation.state.wait) return { kind: 'wait', detail: 'a rollout is in progress' };
      return planSize(observation, to, boundsOf(given, fallback));
    },

    async apply(change: Change) {
      const lost = fault('apply');
      await hook?.(change);
      const found = service(change.target.name);
      if (change.version !== null && change.version !== String(found.version)) {
        throw new TargetError('stale', `${change.target.name} was changed meanwhile`);
      }
      found.version += 1;
      const { from, to } = operationOf([resize], change);
      found.size = to;
      found.changedAtMs = clock.now();
      effects.push(`${change.target.name}: ${from} → ${to}`);
      if (lost !== undefined) throw lost.error;
    },

    async verify(change: Change): Promise<Progress> {
      fault('verify');
      const { size, convergence, changedAtMs } = service(change.target.name);
      const { to } = operationOf([resize], change);
      if (size !== to) {
        return { kind: 'differs', observed: size, detail: `it has ${size}, not ${to}` };
      }
      const takesMs =
        convergence === 'at_once'
          ? 0
          : convergence === 'never'
            ? Number.POSITIVE_INFINITY
            : convergence.afterMs;
      const done = changedAtMs + takesMs <= clock.now();
      const detail = `${done ? size : 'fewer'} of ${size} run`;
      return { kind: done ? 'converged' : 'converging', detail };
    },
  };

  return {
    action,
    call: createTestCall(action),
    /** The same for one service, and then one more for each other one: a sequence. */
    spread: createTestSpread(action, () => [...services]),
    /** Every change that a service took, in order: `web: 2 → 3`. */
    effects,
    /** How often each method was called. */
    calls,

    add(name: string, size: number, convergence: Convergence = 'at_once'): void {
      const id = `test.service/${name}`;
      services.set(name, { id, size, version: 1, convergence, changedAtMs: 0, wait: false });
    },

    /** Puts another service in the place of one, under the same name. */
    replace(name: string): void {
      service(name).id += '-new';
    },

    remove(name: string): void {
      services.delete(name);
    },

    size: (name: string): number => service(name).size,

    /** Changes a service as another operator would. */
    setSize(name: string, size: number): void {
      service(name).size = size;
      service(name).version += 1;
    },

    setConvergence(name: string, convergence: Convergence): void {
      service(name).convergence = convergence;
    },

    /** Whether plans for it say that now is not the time. */
    setWait(name: string, wait: boolean): void {
      service(name).wait = wait;
    },

    /** The next call fails; with `effect` the change of a failing `apply` happens all the same. */
    failNext(method: Method, fails: TargetErrorKind | Error, effect = false): void {
      const error =
        fails instanceof Error ? fails : new TargetError(fails, `scripted: ${fails} in ${method}`);
      faults[method].push({ error, effect });
    },

    /** Runs in the middle of every `apply`, after the call and before its effect. */
    duringApply(run: (change: Change) => Promise<void>): void {
      hook = run;
    },
  };
}

import { type Reaction, requireReachable } from './simulated-size.js';
import type { GivenTargets } from './simulation.js';
import { TargetError } from './target-error.js';

/** A simulated target: what a test says of it, and what has changed since. */
export interface SimulatedTarget<State, Live> {
  readonly state: State;
  readonly live: Live;
}

interface Options<State extends Reaction, Live> {
  readonly given: GivenTargets<State>;
  /** The word for one of them, in errors: `crew`. */
  readonly one: string;
  /** Creates what changes of a target, when it is first asked for. */
  start(state: State, name: string): Live;
}

/** The simulated targets of one kind, each from the moment it is first asked for. */
export interface SimulatedTargets<State, Live> {
  /** Returns a target; `undefined`: there is none of that name. */
  known(name: string): SimulatedTarget<State, Live> | undefined;
  /**
   * Returns a target as an API finds it.
   *
   * @throws TargetError `not_found` if there is none of that name, `unavailable` if it cannot be reached.
   */
  find(name: string): SimulatedTarget<State, Live>;
  /** Returns the targets that were asked for so far, by their names. */
  all(): ReadonlyMap<string, SimulatedTarget<State, Live>>;
}

/** Creates the simulated targets of one kind. */
export function createSimulatedTargets<State extends Reaction, Live>({
  given,
  one,
  start,
}: Options<State, Live>): SimulatedTargets<State, Live> {
  const lives = new Map<string, Live>();

  function known(name: string): SimulatedTarget<State, Live> | undefined {
    const state = given.find(name);
    if (state === undefined) return undefined;
    const live = lives.get(name) ?? start(state, name);
    lives.set(name, live);
    return { state, live };
  }

  function find(name: string): SimulatedTarget<State, Live> {
    const target = known(name);
    if (target === undefined) throw new TargetError('not_found', `no ${one} is named "${name}"`);
    requireReachable(`${one} ${name}`, target.state);
    return target;
  }

  function all(): ReadonlyMap<string, SimulatedTarget<State, Live>> {
    const names = [...lives.keys()];
    return new Map(
      names.flatMap((name) => {
        const target = known(name);
        return target === undefined ? [] : [[name, target] as const];
      }),
    );
  }

  return { known, find, all };
}

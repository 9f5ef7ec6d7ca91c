import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type {
  AnyAction,
  Observation,
  Plan,
  Sending,
} from '../../../src/integrations/contract/action.js';
import {
  absent,
  type Change,
  type TargetState,
} from '../../../src/integrations/contract/change.js';
import { masked } from '../../../src/integrations/contract/masked.js';
import { operationOf, resize } from '../../../src/integrations/contract/operation.js';
import { describeChange } from '../../../src/integrations/operations.js';

/**
 * A target in a simulated world, for one test. Its states are numbered: for sizes they are the sizes, for
 * other actions the next one is the one that the action brings about.
 */
export interface World {
  readonly action: AnyAction;
  /**
   * Parameters that ask for so many more, or below zero fewer, between 1 and 5. An action that does
   * not `resize` is only ever asked for one more.
   */
  params(by: number): Record<string, unknown>;
  /** The same for a target that is not there. */
  missing(): Record<string, unknown>;
  /** The state of a number, as observations and changes name it; left out, the number itself. */
  as?(state: number): TargetState;
  /** The state that is asked of the target now. */
  size(): TargetState;
  /** Brings the target to the state of a number as another operator would. */
  setSize(state: number): void;
  /** How many requests to change something arrived, taken or not. */
  requests(): number;
  /** How many changes the target took. */
  effects(): number;
  /** Lets a change that the target took come into effect; until then it has not. */
  settle(): void;
  /** The next request to change something gets no answer: after it was applied, or in place of that. */
  loseNextAnswer(how: { readonly applied: boolean }): void;
  /** A secret that the action sends along, and that the API repeats in each answer; left out, there is none. */
  readonly secret?: string;
  /** From now on nothing answers. */
  stop(): Promise<void>;
}

/** An action and how to build a world around it. */
export interface Subject {
  readonly name: string;
  /** Whether it makes its target larger and smaller. */
  readonly resizes: boolean;
  /** Whether nothing of it can be looked at, neither before a change nor after it. */
  readonly unobservable?: true;
  /** Whether its changes take no time: what was taken is in effect. */
  readonly atOnce?: boolean;
  /** Whether it creates what it names; state 3 is then that it is not there. */
  readonly creates?: boolean;
  /** Starts a world whose target is in the state of this number and stands still. */
  start(state: number): Promise<World>;
}

/** What every action keeps, whatever it changes. */
export function describeConformance({
  name,
  resizes,
  unobservable,
  creates = false,
  atOnce = false,
  start,
}: Subject): void {
  describe(`${name}, as every action,`, () => {
    let world: World;
    let sending: Sending;
    const answers: string[] = [];

    beforeEach(async () => {
      world = await start(3);
      answers.length = 0;
      sending = { params: parse(1), key: 'run-1', answered: (text) => answers.push(text) };
    });

    afterEach(() => world.stop());

    const as = (state: number): TargetState => world.as?.(state) ?? state;
    const parse = (by: number) => world.action.params.parse(world.params(by));
    const observe = (by: number): Promise<Observation<unknown>> => world.action.observe(parse(by));
    const plan = async (by: number): Promise<Plan> =>
      world.action.plan(parse(by), await observe(by), { min: undefined, max: undefined });

    async function change(by: number): Promise<Change> {
      const planned = await plan(by);
      if (planned.kind !== 'change') throw new Error(`expected a change, got ${planned.kind}`);
      // as it comes back out of the ledger
      return JSON.parse(JSON.stringify(planned)) as Change;
    }

    it('says what it is called and what it does', () => {
      expect(world.action.name).toBe(name);
      expect(world.action.summary).toMatch(/^[A-Z].*\.$/);
    });

    it('says how long a change may take, the same for the same', async () => {
      const { convergeWithinMs } = world.action;
      const planned = freeze(await change(1));
      const within = () =>
        typeof convergeWithinMs === 'number'
          ? convergeWithinMs
          : convergeWithinMs(planned, freeze({ params: parse(1), key: 'run-1' }));
      expect(within()).toBeGreaterThanOrEqual(1000);
      expect(within()).toBe(within());
    });

    it('takes parameters that can be written down and read again', () => {
      expect(JSON.parse(JSON.stringify(parse(1)))).toEqual(parse(1));
    });

    it('takes no parameter that it does not know, and not none', () => {
      expect(world.action.params.safeParse(world.params(1)).success).toBe(true);
      expect(world.action.params.safeParse({ ...world.params(1), tpyo: 1 }).success).toBe(false);
      expect(world.action.params.safeParse({}).success).toBe(false);
    });

    it('observes without changing anything, and the same thing twice', async () => {
      const observation = await observe(1);
      expect(observation).toMatchObject({ size: as(3), unit: expect.stringMatching(/^[a-z_]+$/) });
      expect(observation.target.id).toMatch(/^[a-z.]+\/./);
      expect(await observe(1)).toEqual(observation);
      expect(world.requests()).toBe(0);
      expect(world.size()).toEqual(as(3));
    });

    it('observes what can be written down and read again', async () => {
      const observation = await observe(1);
      expect(JSON.parse(JSON.stringify(observation))).toEqual(observation);
    });

    it('plans the same from the same, and leaves what it is given alone', async () => {
      const params = freeze(parse(1));
      const observation = freeze(await observe(1));
      const fallback = freeze({ min: undefined, max: undefined });
      const first = world.action.plan(params, observation, fallback);
      expect(world.action.plan(params, observation, fallback)).toEqual(first);
      expect(world.requests()).toBe(0);
    });

    it('plans an absolute state, from the one that was observed', async () => {
      const { target, unit, version } = await observe(1);
      const states = { from: as(3), to: as(4) };
      const op = resizes ? { kind: 'resize', ...states, unit } : expect.objectContaining(states);
      expect(await change(1)).toEqual({ kind: 'change', target, op, version });
    });

    it('plans an operation of a kind that it declares, and says in words what that does', async () => {
      const planned = await change(1);
      expect(operationOf(world.action.operations, planned)).toEqual(planned.op);
      expect(describeChange(planned)).toMatch(/^[a-z]/);
      expect(describeChange(planned)).toContain(planned.target.name);
    });

    it('plans back to a state that it was in, the same from the same, or says why not', async () => {
      const params = freeze(parse(1));
      const observation = freeze(await observe(1));
      const fallback = freeze({ min: undefined, max: undefined });
      const back = world.action.planTo(params, observation, as(2), fallback);
      expect(world.action.planTo(params, observation, as(2), fallback)).toEqual(back);
      const { target, unit, version } = observation;
      expect(back).toMatchObject(
        resizes
          ? { kind: 'change', target, op: { kind: 'resize', from: 3, to: 2, unit }, version }
          : { kind: 'refused', reason: 'unsupported', detail: expect.stringMatching(/./) },
      );
      expect(world.requests()).toBe(0);
    });

    it('lets no secret out that it works with', async () => {
      const { secret } = world;
      expect(world.action.secrets?.(parse(1)) ?? []).toEqual(
        secret === undefined ? [] : expect.arrayContaining([secret]),
      );
      if (secret === undefined) return;
      const action = masked(world.action);
      const planned = action.plan(parse(1), await action.observe(parse(1)), {
        min: undefined,
        max: undefined,
      });
      await action.apply(planned as Change, sending);
      expect(world.requests()).toBe(1);
      expect(JSON.stringify([planned, answers])).not.toContain(secret);
      expect(JSON.stringify(answers)).toContain('[secret]');
    });

    it.each([-1, 1.5, 3, 'many'])('plans no way to what is no other state: %j', async (to) => {
      const none = { min: undefined, max: undefined };
      const state = to === 3 ? as(3) : to;
      expect(world.action.planTo(parse(1), await observe(1), state, none).kind).toBe('refused');
    });

    itWhere(resizes)('plans back to nothing that a bound forbids by now', async () => {
      const none = { min: undefined, max: undefined };
      for (const to of [0, 6]) {
        expect(world.action.planTo(parse(1), await observe(1), to, none)).toMatchObject({
          kind: 'refused',
          detail: expect.stringMatching(to === 0 ? /min/ : /max/),
        });
      }
    });

    itWhere(resizes)(
      'never shrinks on the way up, never grows on the way down, crosses no bound, and takes away no more than the step',
      async () => {
        for (const size of [0, 1, 3, 5, 8]) {
          world.setSize(size);
          for (const by of [-9, -1, 1, 9]) {
            const planned = await plan(by);
            if (planned.kind !== 'change') {
              expect(planned).toMatchObject({ kind: 'at_bound', bound: by > 0 ? 'max' : 'min' });
              continue;
            }
            const { from, to } = operationOf([resize], planned);
            expect(from).toBe(size);
            expect(Math.sign(to - size)).toBe(Math.sign(by));
            expect(to).toBeGreaterThanOrEqual(1);
            expect(to).toBeLessThanOrEqual(by > 0 ? 5 : size);
            if (by < 0) expect(to).toBe(Math.max(size + by, 1));
          }
        }
      },
    );

    it('tells whether its changes can be looked at afterwards', () => {
      expect(world.action.unobservable).toBe(unobservable);
    });

    itWhere(unobservable)('goes by the answer where nothing can be looked at', async () => {
      const planned = await change(1);
      await world.action.apply(planned, sending);
      expect(answers).toEqual([expect.stringMatching(/./)]);
      expect(world.requests()).toBe(1);
      expect(world.effects()).toBe(1);
      expect(await world.action.verify(planned, sending)).toMatchObject({ kind: 'converged' });
      expect(world.requests()).toBe(1);
    });

    itWhere(unobservable)('sends nothing but what its step says', async () => {
      const planned = await change(1);
      const target = { ...planned.target, id: `${planned.target.id}x` };
      const elsewhere = world.action.apply({ ...planned, target }, sending);
      await expect(elsewhere).rejects.toMatchObject(targetError('invalid'));
      expect(world.requests()).toBe(0);
    });

    itWhere(!unobservable)('sends a change once, and sees when it has taken effect', async () => {
      const planned = await change(1);
      expect(await world.action.verify(planned, sending)).toMatchObject({
        kind: 'differs',
        observed: as(3),
      });
      await world.action.apply(planned, sending);
      expect(world.requests()).toBe(1);
      expect(world.effects()).toBe(1);
      expect(world.size()).toEqual(as(4));
      const taken = { kind: atOnce ? 'converged' : 'converging' };
      expect(await world.action.verify(planned, sending)).toMatchObject(taken);
      world.settle();
      expect(await world.action.verify(planned, sending)).toMatchObject({ kind: 'converged' });
      expect(world.requests()).toBe(1);
    });

    itWhere(!unobservable && !creates)(
      'says what it found where the target was changed outside this run afterwards',
      async () => {
        const planned = await change(1);
        await world.action.apply(planned, sending);
        world.setSize(5);
        expect(await world.action.verify(planned, sending)).toMatchObject({
          kind: 'differs',
          observed: as(5),
        });
      },
    );

    itWhere(!unobservable && !creates)(
      'sends nothing where the target has changed since it was observed',
      async () => {
        const planned = await change(1);
        world.setSize(5);
        await expect(world.action.apply(planned, sending)).rejects.toMatchObject(
          targetError('stale'),
        );
        expect(world.effects()).toBe(0);
        expect(world.size()).toEqual(as(5));
      },
    );

    it.each([true, false])(
      'does not know the outcome of a change without an answer, and does not repeat it (applied: %s)',
      async (applied) => {
        const planned = await change(1);
        world.loseNextAnswer({ applied });
        await expect(world.action.apply(planned, sending)).rejects.toMatchObject(
          targetError('unknown'),
        );
        expect(world.requests()).toBe(1);
        expect(world.effects()).toBe(applied ? 1 : 0);
        if (unobservable) return;
        world.settle();
        expect(await world.action.verify(planned, sending)).toMatchObject({
          kind: applied ? 'converged' : 'differs',
        });
      },
    );

    itWhere(creates)('creates what it names once, however often it is sent', async () => {
      const planned = await change(1);
      await world.action.apply(planned, sending);
      await world.action.apply(planned, sending);
      expect(world.effects()).toBe(1);
      expect(world.size()).toEqual(as(4));
    });

    itWhere(creates)('removes what it created, and does not mind to be asked again', async () => {
      const planned = await change(1);
      await world.action.apply(planned, sending);
      await world.action.clear?.(planned, sending);
      await world.action.clear?.(planned, sending);
      expect(world.size()).toEqual(as(3));
    });

    itWhere(!unobservable && !creates)('does not apply a change that is already made', async () => {
      const planned = await change(1);
      await world.action.apply(planned, sending);
      await expect(world.action.apply(planned, sending)).rejects.toMatchObject(
        targetError('stale'),
      );
      expect(world.effects()).toBe(1);
    });

    it('applies no change whose wanted state is of another kind', async () => {
      const made = await change(1);
      const planned = { ...made, op: { ...made.op, to: 'many' } };
      await expect(world.action.apply(planned, sending)).rejects.toMatchObject(
        targetError('invalid'),
      );
      await expect(world.action.verify(planned, sending)).rejects.toMatchObject(
        targetError('invalid'),
      );
      expect(world.requests()).toBe(0);
    });

    itWhere(creates)('finds a target that it creates before it is there', async () => {
      const { target, size } = await observe(1);
      expect(size).toBe(absent);
      const planned = await change(1);
      expect(planned).toMatchObject({ target, op: { from: absent } });
      expect(await world.action.verify(planned, sending)).toMatchObject({
        kind: 'differs',
        observed: absent,
      });
    });

    itWhere(!creates)('says that a target is not there', async () => {
      const params = world.action.params.parse(world.missing());
      const found = world.action.observe(params);
      if (!unobservable) return expect(found).rejects.toMatchObject(targetError('not_found'));
      const planned = world.action.plan(params, await found, { min: undefined, max: undefined });
      const sent = world.action.apply(planned as Change, { ...sending, params });
      await expect(sent).rejects.toMatchObject(targetError('not_found'));
    });

    it('takes an API that does not answer for a failure, never for a size', async () => {
      const planned = await change(1);
      const params = parse(1);
      await world.stop();
      const unavailable = targetError('unavailable');
      if (!unobservable) {
        await expect(world.action.observe(params)).rejects.toMatchObject(unavailable);
        await expect(world.action.verify(planned, sending)).rejects.toMatchObject(unavailable);
      }
      await expect(world.action.apply(planned, sending)).rejects.toMatchObject(unavailable);
    });
  });
}

/** Declares a test for subjects where `holds`; for others there is nothing to test, and nothing to skip. */
const itWhere = (holds = false) => (holds ? it : () => undefined);

const targetError = (kind: string) => ({ name: 'TargetError', kind });

function freeze<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(freeze);
    Object.freeze(value);
  }
  return value;
}

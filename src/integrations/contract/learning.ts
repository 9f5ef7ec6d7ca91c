import type { ResizeOperation } from './operation.js';

/** The value of a parameter as a playbook writes it. */
export type LearnedValue =
  | string
  | number
  | boolean
  | { readonly [name: string]: string | number | boolean };

/** A parameter of the step of a learned playbook. */
export interface LearnedParam {
  readonly name: string;
  /** A text in it that a label of the alert holds becomes the expression of that label. */
  readonly value: LearnedValue;
  /** No expression may take its place. */
  readonly fixed?: true;
  /** A sentence for the line above it. */
  readonly comment?: string;
}

/** Targets as a file of playbook tests declares them: `services` → name → state. */
export type LearnedTargets = Readonly<
  Record<string, Readonly<Record<string, Readonly<Record<string, string | number>>>>>
>;

/** What the change is to a playbook test: `{ web: restart }`, `{ web: 2 -> 3 }`. */
export interface LearnedEffect {
  /** The key of the target's kind in a file of playbook tests. */
  readonly key: string;
  readonly name: string;
  readonly does: string | Pick<ResizeOperation, 'from' | 'to'>;
}

/** What the tests of a learned playbook show besides that it asks first and that no other alert is its business. */
export interface LearnedTests {
  /** The targets before the change. */
  readonly before: LearnedTargets;
  readonly effect: LearnedEffect;
  /** Targets to which the step does nothing: what that shows, and the reason why. */
  readonly idle?: {
    readonly shows: string;
    readonly targets: LearnedTargets;
    readonly reason: 'at_bound' | 'unsupported';
  };
  /** Targets to which it can be done twice in a row, for the test of the cooldown. */
  readonly twice?: {
    readonly targets: LearnedTargets;
    readonly effects: readonly [LearnedEffect, LearnedEffect];
  };
}

/** The step that does again what a person chose and what helped, as an action says it (`Action.learn`). */
export interface LearnedStep {
  /** What it does and to what, for the name of the playbook: `scale-up web`. */
  readonly called: string;
  /** The same as a sentence, and its bound: `Adds 1 replica to web`, `up to 3`. */
  readonly does: string;
  readonly until?: string;
  /** The text among the parameters that names the target; left out, the step names none. */
  readonly target?: string;
  /** Whether the expression `worker_asg` may name it. */
  readonly workerAsg?: true;
  /** In the order in which they are written. */
  readonly params: readonly LearnedParam[];
  /** How often the playbook may act: the cooldown in milliseconds, and a limit as a playbook writes it. */
  readonly guards: { readonly cooldownMs: number; readonly limit: string };
  readonly tests: LearnedTests;
}

/**
 * Learns a step of a size: as large as the person's, and bounded by the size that they chose.
 *
 * @param of.param the parameter that names the target, and its value
 * @param of.verbs what a step down, and one up, is called: `scale-down`
 * @param of.besides a sentence on how the step's bound and the target's own go together
 * @param of.key the key of the kind in a file of playbook tests: `services`
 * @param of.declare writes a target of a size there, which may have from `min` to `max`
 */
export function learnResize(
  { from, to, unit }: ResizeOperation,
  of: {
    readonly param: string;
    readonly target: string;
    readonly workerAsg?: true;
    readonly verbs: readonly [down: string, up: string];
    readonly besides: string;
    readonly key: string;
    declare(size: number, min: number, max: number): Readonly<Record<string, number>>;
  },
): LearnedStep {
  const { param, target, workerAsg, verbs, besides, key } = of;
  const by = to - from;
  const isUp = by > 0;
  const size = `${Math.abs(by)} ${Math.abs(by) === 1 ? unit.replace(/s$/, '') : unit}`;
  const min = Math.max(0, Math.min(from, to) - Math.abs(by));
  const max = Math.max(from, to) + Math.abs(by);
  const targets = (at: number) => ({ [key]: { [target]: of.declare(at, min, max) } });
  const change = (a: number, b: number) => ({ key, name: target, does: { from: a, to: b } });
  const before = from - by;
  return {
    called: `${verbs[isUp ? 1 : 0]} ${target}`,
    does: `${isUp ? 'Adds' : 'Takes'} ${size} ${isUp ? 'to' : 'from'} ${target}`,
    until: `${isUp ? 'up' : 'down'} to ${to}`,
    target,
    ...(workerAsg && { workerAsg }),
    params: [
      { name: param, value: target },
      { name: 'by', value: by },
      {
        name: isUp ? 'max' : 'min',
        value: to,
        comment: `Never ${isUp ? 'above' : 'below'} what the person chose. ${besides}`,
      },
    ],
    guards: { cooldownMs: 10 * 60_000, limit: '3 per 1h' },
    tests: {
      before: targets(from),
      effect: change(from, to),
      idle: {
        shows: 'it goes no further than the person did',
        targets: targets(to),
        reason: 'at_bound',
      },
      ...(before >= 0 && {
        twice: { targets: targets(before), effects: [change(before, from), change(from, to)] },
      }),
    },
  };
}

import { z } from 'zod';
import type { AnyAction } from '../action/action.js';
import { type Matcher, parseMatchers } from '../alert/matcher.js';
import { MatcherError } from '../alert/matcher-error.js';
import { contradictions } from './contradiction.js';
import { compileExpression, compileTemplate, type Template } from './expression.js';
import { durationField, limitsField, readWith, textField } from './field.js';
import type { Fault, IssueParams } from './issue.js';
import { checkParams } from './params.js';

const kebabCase = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** The keys of a step that are not the name of its action. */
const stepSettings = {
  settle: durationField.default(2 * 60_000),
  repeat: z.int().min(1).max(100).default(1),
  undo: z.boolean().default(false),
};

/** Matchers in one text. */
const matchersField = readWith(z.string(), (text): readonly Matcher[] => {
  const matchers = parseMatchers(text);
  if (matchers.length > 0) return matchers;
  throw new MatcherError('expected a matcher such as alertname = "ServiceSlow"', 0);
});

/** Matchers that must all hold: one text, or a list of them. */
export const matchField = z
  .union([matchersField, z.array(matchersField).min(1)])
  .superRefine((match, context) => {
    for (const { path, message } of contradictions(match)) {
      context.addIssue({ code: 'custom', path: [...path], message });
    }
  })
  .transform((matchers) => matchers.flat() as readonly Matcher[]);

const paramField = readWith(z.union([z.string(), z.number(), z.boolean()]), compileTemplate);

/**
 * The schema of a playbook: the one source of what the language takes. Its output is the playbook
 * in parts that are compiled already; `playbookFaults` adds what spans several keys.
 */
export function createPlaybookSchema(actions: ReadonlyMap<string, AnyAction>) {
  const step = z.strictObject({
    ...Object.fromEntries([...actions].map(([name, action]) => [name, paramsField(action)])),
    ...stepSettings,
  });
  return z.strictObject({
    name: z
      .string()
      .max(63)
      .regex(
        kebabCase,
        'expected small letters, digits and single hyphens, such as scale-slow-service',
      ),
    summary: textField,
    owner: textField.optional(),
    match: matchField,
    when: readWith(z.string(), compileExpression).optional(),
    mode: z.enum(['shadow', 'approve', 'auto']).default('approve'),
    continue: z.boolean().default(false),
    ignore: z.boolean().default(false),
    steps: z.array(step).min(1).optional(),
    guards: z
      .strictObject({
        cooldown: durationField.default(10 * 60_000),
        limits: limitsField.default([]),
      })
      .prefault({}),
    escalate: z
      .strictObject({ channel: textField.optional(), after: durationField.optional() })
      .prefault({}),
  });
}

function paramsField(action: AnyAction) {
  return z
    .record(z.string(), paramField)
    .superRefine((templates: Record<string, Template>, context) => {
      for (const { path, message, offset, onKey } of checkParams(action, templates)) {
        const params: IssueParams = { offset, ...(onKey === undefined ? {} : { onKey }) };
        const isSetting = onKey === true && Object.hasOwn(stepSettings, String(path.at(-1)));
        const advice = isSetting ? '; it belongs to the step: indent it like the action' : '';
        context.addIssue({
          code: 'custom',
          path: [...path],
          message: message + advice,
          params: { ...params },
        });
      }
    })
    .optional();
}

/** Faults of a playbook (as plain values) that no key shows by itself. */
export function playbookFaults(value: unknown, actions: ReadonlyMap<string, AnyAction>): Fault[] {
  if (!isMapping(value)) return [];
  const { steps, ignore } = value;
  if (ignore === true) {
    if (steps === undefined) return [];
    const message = 'a playbook with "ignore: true" does nothing and takes no steps';
    return [{ path: ['steps'], onKey: true, message }];
  }
  if (steps === undefined) {
    return [{ path: ['steps'], message: 'missing; expected at least one step, or "ignore: true"' }];
  }
  if (!Array.isArray(steps)) return [];
  return steps.flatMap((step: unknown, index) => {
    if (!isMapping(step)) return [];
    const others = Object.keys(step).filter((key) => !Object.hasOwn(stepSettings, key));
    const named = others.filter((key) => actions.has(key));
    // keys that are no action are told by the schema
    if (named.length === 1 || (named.length === 0 && others.length > 0)) return [];
    const found = named.length === 0 ? 'none' : named.join(', ');
    return [{ path: ['steps', index], message: `expected exactly one action, got ${found}` }];
  });
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

import { z } from 'zod';
import { type Matcher, parseMatchers } from '../alertmanager/matcher.js';
import { MatcherError } from '../alertmanager/matcher-error.js';
import { sourceNames } from '../alertmanager/source.js';
import type { AnyAction } from '../integrations/contract/action.js';
import { durationField, readWith, textField } from '../lib/field.js';
import { formatDuration } from '../lib/time.js';
import { approversField } from './approvers.js';
import { contradictions } from './contradiction.js';
import {
  compileEncoded,
  compileExpression,
  compileList,
  compileMapping,
  compileTemplate,
  type Template,
} from './expression.js';
import { ExpressionError } from './expression-error.js';
import type { Fault, IssueParams } from './issue.js';
import { limitsField } from './limits-field.js';
import { checkParams } from './params.js';
import { maxParamDepth } from './size-limits.js';
import { tiersField } from './tier.js';

const kebabCase = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** The keys of a step that are not the name of its action. */
const stepSettings = {
  settle: durationField
    .default(2 * 60_000)
    .describe('How long the alert has to resolve after the target converged.'),
  repeat: z
    .int()
    .min(1)
    .max(100)
    .default(1)
    .describe('How many times Jidoka may take the step in one run.'),
  undo: z.boolean().default(false).describe('Whether to undo the step if no step helped.'),
};

/** Matchers in one text. */
const matchersField = readWith(z.string(), (text): readonly Matcher[] => {
  const matchers = parseMatchers(text);
  if (matchers.length > 0) return matchers;
  throw new MatcherError('expected a matcher such as alertname = "ServiceSlow"', 0);
}).meta({ title: 'matchers' });

/** Matchers that must all hold: one text, or a list of them. */
export const matchField = z
  .union([matchersField, z.array(matchersField).min(1)])
  .superRefine((match, context) => {
    for (const { path, message } of contradictions(match)) {
      context.addIssue({ code: 'custom', path: [...path], message });
    }
  })
  .transform((matchers) => matchers.flat() as readonly Matcher[]);

/** The history of a target is kept for 7 days. */
const shortestRequired = 60_000;
const longestRequired = 24 * 3_600_000;

const scalar = z.union([z.string(), z.number(), z.boolean()]);

/** A parameter: a text, a number or a truth value, or lists and mappings of these. */
const paramField = z.unknown().transform((value, context) => readParam(value, context, []));

function readParam(
  value: unknown,
  context: z.core.$RefinementCtx,
  path: readonly PropertyKey[],
): Template {
  const fault = (message: string, params: IssueParams = {}) => {
    const issue = { code: 'custom', input: value, message, params: { ...params } } as const;
    context.issues.push({ ...issue, path: [...path] });
    return compileTemplate('');
  };
  if (path.length > maxParamDepth) return fault(`expected at most ${maxParamDepth} levels`);
  if (Array.isArray(value)) {
    return compileList(value.map((one, index) => readParam(one, context, [...path, index])));
  }
  if (isMapping(value)) {
    const entries = Object.entries(value).map(
      ([key, one]) => [key, readParam(one, context, [...path, key])] as const,
    );
    return compileMapping(Object.fromEntries(entries));
  }
  const read = scalar.safeParse(value);
  if (!read.success) {
    return fault('expected a string, a number, true or false, a list or a mapping, got nothing');
  }
  try {
    return compileTemplate(read.data);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return fault(error.message, { offset: error.offset });
  }
}

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
      )
      .meta({
        description: 'The unique name of the playbook, in messages, limits and links.',
        examples: ['scale-slow-service'],
      }),
    summary: textField.meta({
      description: 'One sentence for people: what the playbook does, and when.',
      examples: ['Adds replicas while a service answers too slowly.'],
    }),
    owner: textField
      .optional()
      .meta({ description: 'The owner of the playbook.', examples: ['payments'] }),
    source: z
      .union([z.enum(sourceNames), z.array(z.enum(sourceNames)).min(1)])
      .optional()
      .meta({
        title: `${sourceNames.map((name) => `\`${name}\``).join(', ')}, or a list`,
        description:
          'Which sources it accepts: Alertmanager, Grafana, or calls in the form of Jenkins or docker-scaler (command: all calls). manual: runs by hand only; a person can run any other playbook too. Default: Alertmanager and Grafana.',
        examples: ['jenkins', ['alertmanager', 'docker-scaler']],
      }),
    match: matchField.meta({
      description:
        'Which alerts it is for: Alertmanager matchers, all of which must match. A missing label equals the empty string.',
      examples: [['alertname = "ServiceSlow"', 'severity =~ "warning|critical"']],
    }),
    when: readWith(z.string(), compileExpression)
      .optional()
      .meta({
        title: 'expression',
        description:
          'A CEL condition over labels, annotations, route and worker_asg, in addition to the matchers.',
        examples: ['labels.service.startsWith("shop_")'],
      }),
    requires: z
      .strictObject({
        deployed_within: durationField
          .refine((ms) => ms >= shortestRequired && ms <= longestRequired, {
            error: `expected from ${formatDuration(shortestRequired)} to ${formatDuration(longestRequired)}`,
          })
          .meta({
            description:
              'Whether the target of the first step was deployed at most this long before the alert started. Jidoka asks a person if its history does not say.',
            examples: ['15m'],
          }),
      })
      .optional()
      .describe(
        'Facts about the target, read with it. If one does not hold, the playbook does not match.',
      ),
    mode: z
      .enum(['shadow', 'approve', 'auto'])
      .default('approve')
      .describe(
        'shadow records the plan and the deferring guard with the alert, changes nothing, and leaves the alert to later playbooks; approve requires approval; auto acts automatically.',
      ),
    continue: z
      .boolean()
      .default(false)
      .describe(
        'Whether later playbooks may act on the alert too. If not, only the first playbook that matches acts.',
      ),
    ignore: z
      .boolean()
      .default(false)
      .describe('Whether Jidoka ignores the alert. Such a playbook has no steps.'),
    steps: z
      .array(step)
      .min(1)
      .optional()
      .describe('The steps, in order, until the alert resolves. Each step names one action.'),
    guards: z
      .strictObject({
        cooldown: durationField
          .default(10 * 60_000)
          .describe('How long Jidoka leaves a target alone after a change, in either direction.'),
        limits: limitsField.default([]).meta({
          description:
            'Run limits of this playbook, such as 3 per 1h. A run needs room in all of them.',
          examples: [['3 per 1h', '7 per 1d']],
        }),
      })
      .prefault({})
      .describe('What may defer a run. Jidoka decides again when the guard lifts.'),
    escalate: z
      .strictObject({
        channel: textField.optional().meta({
          description: "The Slack channel for questions and reports. Default: the policy's.",
          examples: ['#payments'],
        }),
        after: durationField
          .optional()
          .describe(
            "Jidoka escalates a decision that guards defer for this long. Default: the policy's.",
          ),
        // biome-ignore lint/suspicious/noThenProperty: it is the word of the language, and no function
        then: tiersField
          .optional()
          .describe(
            "Escalation tiers: who else Jidoka asks when no answer comes. Default: the policy's.",
          ),
      })
      .prefault({})
      .describe('How Jidoka escalates to people.'),
    approvers: approversField.meta({
      description: "Who may decide in Slack about this playbook. Default: the policy's approvers.",
      examples: [{ groups: ['S0123ABCD'] }],
    }),
  });
}

function paramsField(action: AnyAction) {
  const encoded = Object.entries(action.encoded ?? {}).map(([name, form]) => {
    const field = readWith(scalar, (source) => compileEncoded(source, form));
    return [name, field.optional()] as const;
  });
  return z
    .object(Object.fromEntries(encoded))
    .catchall(paramField)
    .superRefine((given, context) => {
      const templates = given as Record<string, Template>;
      for (const { path, message, offset, onKey } of checkParams(action, templates)) {
        const params: IssueParams = { offset, ...(onKey === undefined ? {} : { onKey }) };
        const isSetting = onKey === true && Object.hasOwn(stepSettings, String(path.at(-1)));
        const advice = isSetting ? '; it is part of the step: indent it like the action' : '';
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
  const { steps, ignore, requires } = value;
  if (ignore === true) {
    return (['steps', 'requires'] as const)
      .filter((key) => value[key] !== undefined)
      .map((key) => {
        const message = `a playbook with "ignore: true" cannot have ${key}`;
        return { path: [key], onKey: true, message };
      });
  }
  if (steps === undefined) {
    return [{ path: ['steps'], message: 'missing; expected at least one step, or "ignore: true"' }];
  }
  if (!Array.isArray(steps)) return [];
  const required = requires === undefined ? [] : requirementFaults(steps[0], actions);
  return [...required, ...steps.flatMap(faultsOfStep)];

  function faultsOfStep(step: unknown, index: number): Fault[] {
    if (!isMapping(step)) return [];
    const others = Object.keys(step).filter((key) => !Object.hasOwn(stepSettings, key));
    const named = others.filter((key) => actions.has(key));
    // keys that are no action are told by the schema
    if (named.length === 1 || (named.length === 0 && others.length > 0)) return [];
    const found = named.length === 0 ? 'none' : named.join(', ');
    return [{ path: ['steps', index], message: `expected exactly one action, got ${found}` }];
  }
}

/** A fact can be required of targets only of which it is told. */
function requirementFaults(first: unknown, actions: ReadonlyMap<string, AnyAction>): Fault[] {
  if (!isMapping(first)) return [];
  const name = Object.keys(first).find((key) => actions.has(key));
  if (name === undefined || actions.get(name)?.latestDeploy !== undefined) return [];
  const able = [...actions.values()].filter(({ latestDeploy }) => latestDeploy !== undefined);
  const names = able.map((action) => action.name).join(', ');
  const message = `Jidoka does not know when the target of ${name} was deployed; expected a first step with one of ${names}`;
  return [{ path: ['requires', 'deployed_within'], message }];
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

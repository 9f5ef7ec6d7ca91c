import { z } from 'zod';
import type { AnyAction, ParamForm } from '../action/action.js';
import { type Matcher, parseMatchers } from '../alert/matcher.js';
import { MatcherError } from '../alert/matcher-error.js';
import { approversField } from './approvers.js';
import { contradictions } from './contradiction.js';
import {
  compileEncoded,
  compileExpression,
  compileMapping,
  compileTemplate,
  type Template,
} from './expression.js';
import { durationField, limitsField, readWith, textField } from './field.js';
import type { Fault, IssueParams } from './issue.js';
import { checkParams } from './params.js';
import { tiersField } from './tier.js';

const kebabCase = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** The keys of a step that are not the name of its action. */
const stepSettings = {
  settle: durationField
    .default(2 * 60_000)
    .describe(
      'How long the alert has to resolve after the target has become as it was asked to be.',
    ),
  repeat: z
    .int()
    .min(1)
    .max(100)
    .default(1)
    .describe('How often the step may be taken in one run, each time towards a new state.'),
  undo: z
    .boolean()
    .default(false)
    .describe('Whether to put back what this step did if in the end nothing helped.'),
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

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const paramField = readWith(scalar, compileTemplate);

/** The field of a parameter that is written otherwise. */
function formField(form: ParamForm): z.ZodType<Template> {
  if (form.kind === 'mapping') return z.record(z.string(), paramField).transform(compileMapping);
  return readWith(scalar, (source) => compileEncoded(source, form));
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
        description: 'What the playbook is called in messages, limits and links; given only once.',
        examples: ['scale-slow-service'],
      }),
    summary: textField.meta({
      description: 'One sentence for people: what it does, and when.',
      examples: ['Adds replicas while a service answers too slowly.'],
    }),
    owner: textField
      .optional()
      .meta({ description: 'Who looks after it.', examples: ['payments'] }),
    match: matchField.meta({
      description:
        'Which alerts it is for: matchers as Alertmanager writes them, all of which must hold. A label that is missing equals the empty text.',
      examples: [['alertname = "ServiceSlow"', 'severity =~ "warning|critical"']],
    }),
    when: readWith(z.string(), compileExpression)
      .optional()
      .meta({
        title: 'expression',
        description:
          'A condition in CEL over labels, annotations and worker_asg, besides the matchers.',
        examples: ['labels.service.startsWith("shop_")'],
      }),
    mode: z
      .enum(['shadow', 'approve', 'auto'])
      .default('approve')
      .describe(
        'shadow records what it would have done (the plan on the target as it is, and the guard that would have held it) in the verdicts of the alert, never acts, and leaves the alert to others; approve asks a person first; auto acts by itself.',
      ),
    continue: z
      .boolean()
      .default(false)
      .describe(
        'Whether later playbooks may take the alert too; else the first that matches is the only one.',
      ),
    ignore: z
      .boolean()
      .default(false)
      .describe('Whether the alert needs nobody; then there are no steps.'),
    steps: z
      .array(step)
      .min(1)
      .optional()
      .describe(
        'What is done, in this order, until the alert resolves. Each step names one action.',
      ),
    guards: z
      .strictObject({
        cooldown: durationField
          .default(10 * 60_000)
          .describe('How long a target rests after a change, in whichever direction.'),
        limits: limitsField.default([]).meta({
          description: 'How many runs of this playbook may begin within a time; all must hold.',
          examples: [['3 per 1h', '7 per 1d']],
        }),
      })
      .prefault({})
      .describe('What may hold a run back. What is held is decided again when the guard lifts.'),
    escalate: z
      .strictObject({
        channel: textField.optional().meta({
          description: "The Slack channel for questions and reports; left out, the policy's.",
          examples: ['#payments'],
        }),
        after: durationField
          .optional()
          .describe(
            "How long a decision may be held before a person is told; left out, the policy's.",
          ),
        // biome-ignore lint/suspicious/noThenProperty: it is the word of the language, and no function
        then: tiersField
          .optional()
          .describe("Whom a question is passed on to when nobody answers; left out, the policy's."),
      })
      .prefault({})
      .describe('Where and when people are told.'),
    approvers: approversField.meta({
      description:
        "Who may decide in Slack about what this playbook plans or did, instead of the policy's approvers; left out, those.",
      examples: [{ groups: ['S0123ABCD'] }],
    }),
  });
}

function paramsField(action: AnyAction) {
  const forms = Object.entries(action.forms ?? {});
  return z
    .object(Object.fromEntries(forms.map(([name, form]) => [name, formField(form).optional()])))
    .catchall(paramField)
    .superRefine((given, context) => {
      const templates = given as Record<string, Template>;
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

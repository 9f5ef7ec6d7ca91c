import { z } from 'zod';
import { compileRegex, RegexError } from '../../alertmanager/regex.js';
import type { SimulatedKinds } from '../../integrations/contract/simulation.js';
import { reasons } from '../../ledger/reason.js';
import { InputError } from '../../lib/errors.js';
import { durationField, labelsField, readWith, textField } from '../../lib/field.js';

/** Joins words: `effects, messages and runs`. */
const inSentence = new Intl.ListFormat('en-GB');

const reasonField = z.enum(Object.keys(reasons) as [keyof typeof reasons]);

const decisionField = z
  .strictObject({
    alert: labelsField.optional().describe('Labels of the alert. Default: any.'),
    playbook: textField.optional().describe('The playbook of the decision.'),
    fate: z
      .enum(['run', 'held', 'escalated', 'ignored', 'shadow'])
      .optional()
      .describe('The disposition of the alert.'),
    reason: reasonField.optional().meta({ title: 'reason', description: 'Why.' }),
    contains: textField.optional().describe('Part of its explanation.'),
  })
  .refine(saysSomething, { error: 'expected at least one key' });

const runField = z
  .strictObject({
    playbook: textField
      .optional()
      .describe('The playbook of the run. Default: any, including actions that people chose.'),
    state: z
      .enum([
        'awaiting_approval',
        'admitting',
        'planning',
        'applying',
        'converging',
        'continuing',
        'settling',
        'ended',
      ])
      .optional()
      .describe('Its state.'),
    outcome: z
      .enum(['done', 'failed', 'unknown', 'withdrawn'])
      .optional()
      .describe(
        'How it ended: done (the alert resolved, or its source does not report it), failed (no step helped, or Jidoka could not act), unknown (the outcome of a change is unknown), withdrawn (the alert resolved, or a person denied it, before a change).',
      ),
    reason: reasonField.optional().meta({
      title: 'reason',
      description: 'Why it ended, or what it waits for.',
    }),
  })
  .refine(saysSomething, { error: 'expected at least one key' });

const messageField = z
  .strictObject({
    channel: textField.optional().meta({
      description: 'Its channel.',
      examples: ['#payments'],
    }),
    title: textField.optional().describe('Its whole title.'),
    reason: reasonField.optional().meta({ title: 'reason', description: 'Why Jidoka escalates.' }),
    contains: z
      .union([textField.transform((text) => [text]), z.array(textField).min(1)])
      .optional()
      .meta({ title: 'string or list of string', description: 'Parts of its title or text.' }),
    matches: readWith(z.string(), readRegex)
      .optional()
      .meta({
        title: 'regular expression',
        description: 'An RE2 pattern that its text contains.',
        examples: ['from \\d+ to \\d+ replicas'],
      }),
    choices: z
      .array(textField)
      .optional()
      .meta({ description: 'Its buttons, all of them.', examples: [['Approve', 'Deny']] }),
  })
  .refine(saysSomething, { error: 'expected at least one key' });

/** `2 -> 3` */
const stepPattern = /^\s*(\d{1,9})\s*(?:->|→)\s*(\d{1,9})\s*$/;

function createEffectField(words: readonly string[]) {
  return z
    .record(
      textField,
      z
        .string()
        .refine(
          (text) => stepPattern.test(text) || words.includes(text.trim()),
          `expected a change of size such as 2 -> 3, or one of: ${words.join(', ')}`,
        )
        .transform((text) => {
          const [, from, to] = stepPattern.exec(text) ?? [];
          return from === undefined ? text.trim() : `${Number(from)} -> ${Number(to)}`;
        }),
    )
    .refine((effect) => Object.keys(effect).length === 1, {
      error: 'expected one change, such as web: 2 -> 3',
    })
    .transform((effect) => Object.entries(effect).map(([target, change]) => ({ target, change })));
}

/** The schema of what is expected at one time. */
export function createExpectField(kinds: SimulatedKinds) {
  const words = Object.values(kinds).flatMap(({ operations }) =>
    operations.map(({ kind }) => kind),
  );
  const sizes = Object.fromEntries(
    Object.entries(kinds).flatMap(([key, { size }]) => {
      if (size === undefined) return [];
      const field = z.record(textField, z.int().min(0)).optional();
      return [[key, field.meta({ description: size.summary, examples: [size.example] })]];
    }),
  );
  const own = {
    at: durationField.describe('When to check, after everything due by then.'),
    effects: z
      .array(createEffectField(words))
      .optional()
      .meta({
        title: 'list of changes',
        description: `Every change of a target so far, in order, and no others; [] for none. Write a size as 2 -> 3, anything else as a word: ${words.join(', ')}.`,
        examples: [[{ web: '2 -> 3' }, { web: 'restart' }]],
      }),
    messages: z
      .array(messageField)
      .optional()
      .describe('Every message to people so far, in order, and no others; [] for none.'),
    decisions: z
      .array(decisionField)
      .optional()
      .describe('Decisions about alerts, at least these. [] for none at all.'),
    runs: z.array(runField).optional().describe('Runs so far, at least these. [] for none at all.'),
  };
  const [, ...something] = Object.keys({ ...own, ...sizes });
  return z
    .strictObject({ ...own, ...(sizes as Record<never, never>) })
    .refine((expected) => Object.keys(expected).length > 1, {
      error: `expected at least one of ${inSentence.format(something)}`,
    })
    .transform(({ at, effects, messages, decisions, runs, ...sizes }) => ({
      at,
      effects,
      messages,
      decisions,
      runs,
      /** By the key of their kind in a test file, and the name of the target. */
      sizes: sizes as Readonly<Record<string, Readonly<Record<string, number>> | undefined>>,
    }));
}

/** What is expected at one time. */
export type Expected = z.output<ReturnType<typeof createExpectField>>;

function readRegex(source: string) {
  try {
    return { source, matches: compileRegex(source) };
  } catch (error) {
    if (!(error instanceof RegexError)) throw error;
    throw new InputError(error.message, 'matches');
  }
}

function saysSomething(expected: object): boolean {
  return Object.values(expected).some((value) => value !== undefined);
}

import { z } from 'zod';
import { compileRegex, RegexError } from '../../alert/regex.js';
import { InputError } from '../../errors.js';
import { reasons } from '../../ledger/reason.js';
import { durationField, readWith, textField } from '../field.js';
import { effectWords } from './effect-words.js';
import { labelsField } from './world-schema.js';

const reasonField = z.enum(Object.keys(reasons) as [keyof typeof reasons]);

const decisionField = z
  .strictObject({
    alert: labelsField.optional().describe('Labels of the alert; left out, any.'),
    playbook: textField.optional().describe('The playbook that decided so.'),
    fate: z
      .enum(['run', 'held', 'escalated', 'ignored', 'shadow'])
      .optional()
      .describe('What becomes of the alert.'),
    reason: reasonField.optional().meta({ title: 'reason', description: 'Why.' }),
    contains: textField.optional().describe('A part of its explanation.'),
  })
  .refine(saysSomething, { error: 'expected at least one key' });

const runField = z
  .strictObject({
    playbook: textField
      .optional()
      .describe('The playbook whose run it is; left out, any, and what people chose.'),
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
      .describe('Where it stands.'),
    outcome: z
      .enum(['done', 'failed', 'unknown', 'withdrawn'])
      .optional()
      .describe(
        'How it ended: done (the alert resolved, or whether it did cannot be known), failed (nothing helped, or nothing could be done), unknown (whether the change took effect could not be seen), withdrawn (the alert resolved, or a person said no, before anything was done).',
      ),
    reason: reasonField.optional().meta({
      title: 'reason',
      description: 'Why it ended so, or what it waits for.',
    }),
  })
  .refine(saysSomething, { error: 'expected at least one key' });

const messageField = z
  .strictObject({
    channel: textField.optional().meta({
      description: 'The channel it goes to.',
      examples: ['#payments'],
    }),
    title: textField.optional().describe('Its whole title.'),
    reason: reasonField.optional().meta({ title: 'reason', description: 'Why a person is told.' }),
    contains: z
      .union([textField.transform((text) => [text]), z.array(textField).min(1)])
      .optional()
      .meta({ title: 'text or list of text', description: 'Parts of its title or its text.' }),
    matches: readWith(z.string(), readRegex)
      .optional()
      .meta({
        title: 'regular expression',
        description: 'What its text matches somewhere (RE2).',
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

const effectField = z
  .record(
    textField,
    z
      .string()
      .refine(
        (text) => stepPattern.test(text) || effectWords.some((word) => word === text.trim()),
        `expected a change of size such as 2 -> 3, or one of: ${effectWords.join(', ')}`,
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

const sizesField = z.record(textField, z.int().min(0));

/** What is expected at one time. */
export const expectField = z
  .strictObject({
    at: durationField.describe('When it is looked at, after everything that is due by then.'),
    effects: z
      .array(effectField)
      .optional()
      .meta({
        title: 'list of changes',
        description:
          'Every change that a target has taken so far, in order, and no others; [] for none. A size is written 2 -> 3, anything else as a word: restart, rollback, drain.',
        examples: [[{ web: '2 -> 3' }, { web: 'restart' }]],
      }),
    messages: z
      .array(messageField)
      .optional()
      .describe('Every message that people got so far, in order, and no others; [] for none.'),
    decisions: z
      .array(decisionField)
      .optional()
      .describe('Decisions about alerts, as they stand; each has to be there. [] for none at all.'),
    runs: z
      .array(runField)
      .optional()
      .describe('Runs so far, as they stand; each has to be there. [] for none at all.'),
    services: sizesField.optional().meta({
      description: 'How many replicas services are set to.',
      examples: [{ web: 3 }],
    }),
    groups: sizesField.optional().meta({
      description: 'How many instances are wanted of groups.',
      examples: [{ workers: 4 }],
    }),
  })
  .refine((expected) => Object.keys(expected).length > 1, {
    error:
      'expects nothing: expected one of effects, messages, decisions, runs, services and groups',
  });

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

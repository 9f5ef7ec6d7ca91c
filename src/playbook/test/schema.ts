import { z } from 'zod';
import { parseTimestamp } from '../../alertmanager/timestamp.js';
import type { SimulatedKinds } from '../../integrations/contract/simulation.js';
import { simulatedKinds } from '../../integrations/simulate.js';
import { InputError } from '../../lib/errors.js';
import { readWith, textField } from '../../lib/field.js';
import { policySchema } from '../policy-schema.js';
import { createAlertField } from './alert-schema.js';
import { createExpectField } from './expect-schema.js';
import { pauseField, personField } from './people-schema.js';

/** Targets by the key of their kind in a test file, and their name; what is said of one its twin reads. */
export type DeclaredTargets = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Creates the schema of a file of playbook tests about targets of these kinds. */
export function createPlaybookTestSchema(kinds: SimulatedKinds) {
  const ofFile = targetFields(kinds, ({ summary }) => summary);
  const ofTest = targetFields(
    kinds,
    (_, key) => `The ${key} of this test only; they replace ${key} of the file with the same name.`,
  );
  const own = {
    policy: policySchema
      .optional()
      .describe(
        "A policy for these tests, in place of the playbooks' policy.yaml, with the same keys.",
      ),
    worker_asg: textField.optional().describe('The value of JIDOKA_WORKER_ASG. Default: not set.'),
    fleet: z
      .int()
      .min(1)
      .default(1_000)
      .describe('How many targets of each kind exist, where the policy limits a share of them.'),
  };
  const test = z
    .strictObject({
      name: textField.meta({
        description: 'What the test shows, in a sentence.',
        examples: ['a slow service gets a replica'],
      }),
      ...(ofTest as Record<never, never>),
      starts: readWith(z.string(), readTime)
        .prefault('2026-01-05T12:00:00Z')
        .meta({
          title: 'time',
          description:
            'When the test starts, which matters for windows. Default: noon on a Monday.',
          examples: ['2026-01-10T02:30:00Z'],
        }),
      alerts: z.array(createAlertField(kinds)).min(1).describe('The alerts of the test.'),
      people: z.array(personField).default([]).describe('What people click.'),
      pauses: z.array(pauseField).default([]).describe('Pauses that people set.'),
      expect: z.array(createExpectField(kinds)).min(1).describe('What to expect, and when.'),
    })
    .transform(({ name, starts, alerts, people, pauses, expect, ...targets }) => {
      return { name, starts, alerts, people, pauses, expect, targets: targets as DeclaredTargets };
    });
  return z
    .strictObject({
      ...own,
      ...(ofFile as Record<never, never>),
      tests: z.array(test).min(1).describe('The tests. Each starts from a fresh state.'),
    })
    .transform(({ policy, worker_asg, fleet, tests, ...targets }) => {
      return { policy, worker_asg, fleet, tests, targets: targets as DeclaredTargets };
    });
}

/** The targets of all integrations in playbook tests, and the schema of a file of tests about them. */
export const testLanguage = createTestLanguage(simulatedKinds());

/** What tests may be about, and the schema of a file of them. */
export interface TestLanguage {
  readonly kinds: SimulatedKinds;
  readonly schema: ReturnType<typeof createPlaybookTestSchema>;
}

/** Creates the language of playbook tests about targets of these kinds. */
export function createTestLanguage(kinds: SimulatedKinds): TestLanguage {
  return { kinds, schema: createPlaybookTestSchema(kinds) };
}

function targetFields(
  kinds: SimulatedKinds,
  describe: (kind: SimulatedKinds[string], key: string) => string,
) {
  const fields = Object.entries(kinds).map(([key, kind]) => {
    const field = z.record(kind.name ?? textField, kind.state).default({});
    return [key, field.describe(describe(kind, key))] as const;
  });
  return Object.fromEntries(fields);
}

function readTime(text: string): number {
  const timeMs = parseTimestamp(text);
  if (timeMs !== undefined) return timeMs;
  throw new InputError(`expected a time such as 2026-01-05T12:00:00Z, got "${text}"`, 'starts');
}

/** A file of tests after its schema. */
export type PlaybookTests = z.output<ReturnType<typeof createPlaybookTestSchema>>;

/** One test of it. */
export type PlaybookTest = PlaybookTests['tests'][number];

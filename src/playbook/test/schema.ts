import { z } from 'zod';
import { parseTimestamp } from '../../alert/timestamp.js';
import { InputError } from '../../errors.js';
import { readWith, textField } from '../field.js';
import { policySchema } from '../policy-schema.js';
import { expectField } from './expect-schema.js';
import { pauseField, personField } from './people-schema.js';
import {
  addressesField,
  alertField,
  groupsField,
  nodesField,
  servicesField,
} from './world-schema.js';

/** The schema of a file of playbook tests: the one source of what it takes. */
export const playbookTestSchema = z.strictObject({
  policy: policySchema
    .optional()
    .describe("A policy for these tests, in place of the playbooks' own; it takes the same keys."),
  worker_asg: textField.optional().describe('What JIDOKA_WORKER_ASG is; left out, it is not set.'),
  services: servicesField
    .default({})
    .describe('The services that all tests of this file find, by name. There are no others.'),
  groups: groupsField
    .default({})
    .describe('The Auto Scaling groups that all tests of this file find, by name.'),
  nodes: nodesField
    .default({})
    .describe(
      'Nodes of the Swarm by name, besides a manager and the instances of the groups, which are nodes too.',
    ),
  addresses: addressesField
    .default({})
    .describe(
      'The addresses that http.request finds, by scheme, host and path, without a query. There are no others.',
    ),
  tests: z
    .array(
      z.strictObject({
        name: textField.meta({
          description: 'What it shows, in a sentence.',
          examples: ['a slow service gets a replica'],
        }),
        services: servicesField
          .default({})
          .describe('Services of this test alone, or in place of those of the file.'),
        groups: groupsField.default({}).describe('The same for groups.'),
        nodes: nodesField.default({}).describe('The same for nodes.'),
        addresses: addressesField.default({}).describe('The same for addresses.'),
        starts: readWith(z.string(), readTime)
          .prefault('2026-01-05T12:00:00Z')
          .meta({
            title: 'time',
            description: 'When it begins, which matters to windows; left out, at noon of a Monday.',
            examples: ['2026-01-10T02:30:00Z'],
          }),
        alerts: z.array(alertField).min(1).describe('The alerts that it is about.'),
        people: z.array(personField).default([]).describe('What people click.'),
        pauses: z.array(pauseField).default([]).describe('What people have paused.'),
        expect: z.array(expectField).min(1).describe('What is expected, and when.'),
      }),
    )
    .min(1)
    .describe('The tests. Each begins anew, at a time of its own.'),
});

function readTime(text: string): number {
  const timeMs = parseTimestamp(text);
  if (timeMs !== undefined) return timeMs;
  throw new InputError(`expected a time such as 2026-01-05T12:00:00Z, got "${text}"`, 'starts');
}

/** A file of tests after its schema. */
export type PlaybookTests = z.output<typeof playbookTestSchema>;

/** One test of it. */
export type PlaybookTest = PlaybookTests['tests'][number];

/** What one of them expects at one time. */
export type Expected = PlaybookTest['expect'][number];

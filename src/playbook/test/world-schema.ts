import { z } from 'zod';
import { addressFault } from '../../target/http-address.js';
import { durationField, textField } from '../field.js';
import { effectWords } from './effect-words.js';

/** A text; YAML's numbers and truth values are taken as they are written. */
const plainText = z
  .union([z.string(), z.number(), z.boolean()])
  .transform(String)
  .meta({ title: 'text' });

/** Labels or annotations. */
export const labelsField = z.record(z.string(), plainText);
const replies = ['converges', 'stuck', 'fails', 'refuses', 'unavailable'] as const;

const repliesField = z
  .enum(replies)
  .default('converges')
  .describe(
    'How it takes a change: it gets there, what is added never runs, its rollout stops half-way, it refuses, or it cannot be reached at all.',
  );
const takesField = durationField
  .default(5_000)
  .describe('How long it takes to become as it was asked to be.');

/** Swarm services by name, and how they take changes. */
export const servicesField = z.record(
  textField,
  z.strictObject({
    replicas: z.int().min(0).default(1).describe('How many replicas it is set to.'),
    labels: labelsField.default({}).meta({
      description: 'Its own labels, such as its bounds.',
      examples: [{ 'com.df.scaleMin': 2, 'com.df.scaleMax': 6 }],
    }),
    mode: z
      .enum(['replicated', 'global', 'replicated-job', 'global-job'])
      .default('replicated')
      .describe('What kind of service it is.'),
    rollout: z
      .enum(['updating', 'paused', 'completed', 'rollback_started', 'rollback_paused'])
      .optional()
      .describe('The rollout in which it is found.'),
    takes: takesField,
    replies: repliesField,
  }),
);

/** Auto Scaling groups by name, and how they take changes. */
export const groupsField = z.record(
  textField,
  z.strictObject({
    desired: z.int().min(0).describe('How many instances are wanted.'),
    min: z.int().min(0).describe('Its MinSize.'),
    max: z.int().min(0).describe('Its MaxSize.'),
    suspended: z
      .array(textField)
      .default([])
      .meta({
        description: 'Its suspended processes.',
        examples: [['Launch']],
      }),
    takes: takesField,
    replies: repliesField,
  }),
);

/** Nodes of the Swarm by name. */
export const nodesField = z.record(
  textField,
  z.strictObject({
    state: z.enum(['ready', 'down']).default('ready').describe('How the managers see it.'),
    availability: z
      .enum(['active', 'pause', 'drain'])
      .default('active')
      .describe('Whether it takes tasks.'),
  }),
);

/** Addresses that can be called, and how they answer. */
export const addressesField = z.record(
  textField.refine((text) => !text.includes('?') && addressFault(text) === undefined, {
    error: 'expected scheme, host and path without a query, as in https://ci.example.com/job',
  }),
  z.strictObject({
    replies: z
      .enum(['accepts', 'refuses', 'busy', 'silent', 'unavailable'])
      .default('accepts')
      .describe(
        'How it answers: that it is done, that it never will be, not now (429 or 503), not at all although it was sent, or it cannot be reached.',
      ),
  }),
);

/** An alert over time. */
export const alertField = z
  .strictObject({
    labels: labelsField.meta({
      description: 'What the alert says.',
      examples: [{ alertname: 'ServiceSlow', service: 'web' }],
    }),
    annotations: labelsField.default({}).describe('What it says besides.'),
    fires: durationField.default(0).describe('When it begins to fire.'),
    repeats: durationField
      .optional()
      .describe('How often Alertmanager sends it again while it fires; left out, never.'),
    resolves: durationField
      .optional()
      .describe('When it resolves; left out, it fires until the end.'),
    resolves_when: z
      .strictObject({
        service: textField.optional().describe('The service that has to get there …'),
        group: textField.optional().describe('… or the group …'),
        call: textField.optional().meta({
          description: '… or the call that has to be answered.',
          examples: ['POST https://ci.example.com/job/restart?service=web'],
        }),
        reaches: z.int().min(0).optional().describe('The size at which what was wrong is over …'),
        does: z
          .enum(effectWords)
          .exclude(['call'])
          .optional()
          .describe('… or what has to be done with it.'),
        after: durationField
          .default(60_000)
          .describe('How long the news of it takes, once that many run.'),
      })
      .refine(({ service, group, call }) => [service, group, call].filter(isGiven).length === 1, {
        error: 'expected exactly one of "service", "group" and "call"',
      })
      .refine(({ call, reaches, does }) => [call, reaches, does].filter(isGiven).length === 1, {
        error: 'expected exactly one of "reaches" and "does", and neither with "call"',
      })
      .optional()
      .describe('In place of resolves: that the change helped.'),
  })
  .refine((alert) => alert.resolves === undefined || alert.resolves_when === undefined, {
    error: 'expected only one of "resolves" and "resolves_when"',
  })
  .refine(({ fires, resolves }) => resolves === undefined || resolves > fires, {
    path: ['resolves'],
    error: 'expected a time after "fires": both count from the beginning of the test',
  });

function isGiven(value: unknown): boolean {
  return value !== undefined;
}

import { z } from 'zod';
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
        group: textField.optional().describe('… or the group.'),
        reaches: z.int().min(0).optional().describe('The size at which what was wrong is over …'),
        does: z.enum(effectWords).optional().describe('… or what has to be done with it.'),
        after: durationField
          .default(60_000)
          .describe('How long the news of it takes, once that many run.'),
      })
      .refine(({ service, group }) => (service === undefined) !== (group === undefined), {
        error: 'expected exactly one of "service" and "group"',
      })
      .refine(({ reaches, does }) => (reaches === undefined) !== (does === undefined), {
        error: 'expected exactly one of "reaches" and "does"',
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

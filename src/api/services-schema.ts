import { z } from 'zod';
import { linkNames } from '../engine/proof/link.js';
import { pageQuerySchema } from './request-schema.js';

const texts = z.record(z.string(), z.string());

/** The query of the list of services. */
export const servicesQuerySchema = pageQuerySchema.extend({
  before: z.string().min(1).optional().describe('The name in `next` of the page before.'),
  q: z
    .string()
    .max(200)
    .default('')
    .describe('Words that all occur in the name, the owner, the mode or the alerts of a service.'),
});

const link = z.object({
  name: z
    .enum(linkNames)
    .describe(
      'scrape: Prometheus scrapes the service, and it is up; rule: Prometheus has loaded the rule, without errors; route: Alertmanager routes the alert to Jidoka; playbook: one takes it; target: it has a target within bounds; mode: the playbook may act.',
    ),
  state: z.enum(['yes', 'no', 'not_checked']),
  detail: z.string().describe('The evidence, what is missing, or why it was not checked.'),
});

const alert = z.object({
  name: z.string(),
  expression: z.string(),
  for: z.string().nullable().describe('A duration as in Prometheus.'),
  labels: texts,
  annotations: texts,
  refused: z
    .string()
    .nullable()
    .describe('Why Prometheus refuses the rule; null: no refusal was reported.'),
  tried: z
    .enum(['series', 'rule'])
    .describe(
      'The labels in the chain. series: those of up to 3 active alerts of the rule; rule: those of the rule, because it has no active alert now.',
    ),
  chain: z.array(link).readonly().describe('The links from the service to the playbook, in order.'),
});

/** What a service says about its monitoring and automation, and the chain of each of its alerts. */
export const describedServiceSchema = z.object({
  name: z.string(),
  replicas: z.int().nullable().describe('null: the service is global, or a job.'),
  scrape: z
    .object({ port: z.int(), path: z.string().nullable() })
    .nullable()
    .describe('null: the service does not ask to be scraped.'),
  targets: z.array(z.string()).readonly().describe('The addresses that Prometheus is given.'),
  bounds: z
    .object({ min: z.int().nullable(), max: z.int().nullable() })
    .describe('The bounds in its labels.'),
  mode: z.enum(['shadow', 'approve', 'auto']).nullable(),
  owner: z.string().nullable(),
  enabled: z.boolean().describe('false: a label forbids Jidoka to change the service.'),
  alerts: z.array(alert).readonly(),
  faults: z
    .array(
      z.object({
        about: z.string().describe('`scrape`, `automation`, or the name of an alert.'),
        detail: z.string(),
      }),
    )
    .readonly()
    .describe('What a label that is not valid stops.'),
});

export type DescribedServiceView = z.output<typeof describedServiceSchema>;

/** A page of services, by name. */
export const describedServicesSchema = z.object({
  items: z.array(describedServiceSchema).readonly(),
  next: z.string().nullable().describe('Pass as `before` to read on; null at the end.'),
  total: z.int().describe('How many services match.'),
});

export type DescribedServicesView = z.output<typeof describedServicesSchema>;

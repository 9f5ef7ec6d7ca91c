import { z } from 'zod';

const texts = z.record(z.string(), z.string());

/** What a service says about its monitoring, and what became of it. */
export const describedServiceSchema = z.object({
  name: z.string(),
  targets: z.array(z.string()).readonly().describe('The addresses that Prometheus is given.'),
  alerts: z
    .array(
      z.object({
        name: z.string(),
        expression: z.string(),
        for: z.string().nullable().describe('A duration as in Prometheus.'),
        labels: texts,
        annotations: texts,
        refused: z
          .string()
          .nullable()
          .describe('Why Prometheus refuses the rule; null: no refusal was reported.'),
      }),
    )
    .readonly(),
  faults: z
    .array(
      z.object({
        about: z.string().describe('`scrape`, or the name of an alert.'),
        detail: z.string(),
      }),
    )
    .readonly()
    .describe('What is left out because a label is not valid.'),
});

export type DescribedServiceView = z.infer<typeof describedServiceSchema>;

/** All services, by name. */
export const describedServicesSchema = z.object({
  items: z.array(describedServiceSchema).readonly(),
});

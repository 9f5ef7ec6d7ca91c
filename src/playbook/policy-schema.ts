import { z } from 'zod';
import { credentialName } from '../config.js';
import { originFault } from '../target/http-address.js';
import { approversField } from './approvers.js';
import { durationField, limitPattern, limitsField, readWith, textField } from './field.js';
import { parseLimit, parseShare } from './limit.js';
import { matchField } from './schema.js';
import { tiersField } from './tier.js';
import { windowField } from './window.js';

/** The schema of `policy.yaml`: the one source of its keys and of their default values. */
export const policySchema = z.strictObject({
  ignored_labels: z
    .array(textField)
    .default(['replica', 'prometheus_replica'])
    .describe(
      'Labels that do not make an alert another one, as in an HA pair of Prometheus servers.',
    ),
  alertmanager: z
    .strictObject({
      send_resolved: z
        .boolean()
        .default(true)
        .describe(
          'Whether Alertmanager reports that an alert resolved: send_resolved of its receiver. If not, a run ends after its first step.',
        ),
      close_after: durationField
        .default(15 * 60_000)
        .describe('Only without such reports: the silence after which an alert counts as over.'),
      stale_after: durationField
        .default(12 * 3_600_000)
        .describe(
          "Only without Alertmanager's API: the silence after which an alert that was never resolved is given up.",
        ),
      group_wait: durationField
        .default(30_000)
        .describe(
          "Only with Alertmanager's API: how long an alert fires there before it counts as missed; its group_wait.",
        ),
    })
    .prefault({})
    .describe('What Alertmanager reports.'),
  bounds: z
    .strictObject({
      min: z.int().min(0).optional().describe('No step goes below this.'),
      max: z.int().min(0).optional().describe('No step goes above this.'),
    })
    .refine(({ min, max }) => min === undefined || max === undefined || min <= max, {
      error: 'expected min to be at most max',
    })
    .prefault({})
    .describe('Bounds for services whose labels give none, where the step gives none.'),
  limits: z
    .strictObject({
      fleet: limitsField.default([parseLimit('20 per 1h')]).describe('Over all of them.'),
      playbook: limitsField.default([parseLimit('10 per 1h')]).describe('For each playbook.'),
      target: limitsField.default([parseLimit('10 per 1h')]).describe('On each target.'),
    })
    .prefault({})
    .describe('How many runs may begin within a time; all must hold.'),
  windows: z.array(windowField).default([]).describe('Times in which nothing is done by itself.'),
  blast_radius: z
    .strictObject({
      targets: readWith(z.string(), parseLimit)
        .meta({ title: 'limit', pattern: limitPattern })
        .prefault('10 per 10m')
        .describe('How many different targets may be changed within a time.'),
      share: readWith(z.string(), parseShare)
        .optional()
        .meta({
          title: 'share',
          description:
            'Which part of all services, or of all groups, may be changed within that time; at least one.',
          examples: ['25%'],
        }),
    })
    .prefault({})
    .describe('Beyond this nothing begins by itself until a person resets it.'),
  http: z
    .strictObject({
      hosts: z
        .array(
          z.strictObject({
            url: z
              .string()
              .superRefine((text, context) => {
                const message = originFault(text);
                if (message !== undefined) context.addIssue({ code: 'custom', message });
              })
              .meta({
                description: 'Scheme, host and port, exactly; without wildcards.',
                examples: ['https://ci.example.com'],
              }),
            authorization: z
              .string()
              .regex(
                credentialName,
                'expected the name of a variable that begins with JIDOKA_HTTP_',
              )
              .optional()
              .meta({
                description:
                  'The environment variable that holds what this host gets in the header Authorization; left out, nothing.',
                examples: ['JIDOKA_HTTP_CI'],
              }),
          }),
        )
        .default([])
        .superRefine((hosts, context) => {
          for (const [index, { url }] of hosts.entries()) {
            if (hosts.findIndex((other) => other.url === url) === index) continue;
            const message = `${url} is listed already`;
            context.addIssue({ code: 'custom', path: [index, 'url'], message });
          }
        })
        .describe('The hosts that http.request may call; left out, none.'),
    })
    .prefault({})
    .describe('What may be called outside.'),
  breaker: z
    .strictObject({
      failures: z
        .int()
        .min(1)
        .default(3)
        .describe('After how many runs in a row that did not help.'),
    })
    .prefault({})
    .describe('When a playbook falls back to asking a person before each run.'),
  escalate: z
    .strictObject({
      channel: textField.optional().meta({
        description:
          'The Slack channel for everything that names no other; left out, SLACK_CHANNEL.',
        examples: ['#ops'],
      }),
      after: durationField
        .default(15 * 60_000)
        .describe('How long a decision may be held before a person is told.'),
      // biome-ignore lint/suspicious/noThenProperty: it is the word of the language, and no function
      then: tiersField
        .default([])
        .describe('Whom a question is passed on to when nobody answers, one after another.'),
    })
    .prefault({})
    .describe('Where and when people are told.'),
  approvers: approversField.describe(
    'Who may decide in Slack; left out, everybody in the workspace who sees the message.',
  ),
  approval_expires: durationField
    .default(3_600_000)
    .describe('How long a question to a person stays open; after that it is not done.'),
  watchdog: z
    .strictObject({
      match: matchField.meta({
        description: 'Which alert it is.',
        examples: ['alertname = "Watchdog"'],
      }),
      after: durationField
        .default(10 * 60_000)
        .describe('How long it may stay away before a person is told.'),
    })
    .optional()
    .describe('The alert that always fires: while it stays away, alerts do not get through.'),
  audit: z
    .strictObject({
      keep: durationField
        .default(90 * 24 * 3_600_000)
        .describe('How long the records of the audit trail are kept.'),
    })
    .prefault({})
    .describe('The audit trail: every decision and transition.'),
  history: z
    .strictObject({
      keep: durationField
        .default(30 * 24 * 3_600_000)
        .describe('How long notifications are kept; 0 records none.'),
    })
    .prefault({})
    .describe('What was received, for trying playbooks on it.'),
  report: z
    .strictObject({
      minutes_per_alert: z
        .int()
        .min(0)
        .max(10_000)
        .default(15)
        .describe('How many minutes of a person an alert takes that reaches one: your estimate.'),
    })
    .prefault({})
    .describe('What the report counts with.'),
});

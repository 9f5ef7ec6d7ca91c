import { z } from 'zod';
import { credentialName, originFault } from '../integrations/contract/allowed-host.js';
import { durationField, readWith, textField } from '../lib/field.js';
import { approversField } from './approvers.js';
import { parseLimit, parseShare } from './limit.js';
import { limitField, limitsField } from './limits-field.js';
import { matchField } from './schema.js';
import { tiersField } from './tier.js';
import { windowField } from './window.js';

/** The schema of `policy.yaml`: the one source of its keys and of their default values. */
export const policySchema = z.strictObject({
  ignored_labels: z
    .array(textField)
    .default(['replica', 'prometheus_replica'])
    .describe(
      'Labels that Jidoka ignores when it compares alerts, such as the replica label of an HA pair of Prometheus servers.',
    ),
  severity: z
    .strictObject({
      label: textField
        .default('severity')
        .describe('The label that holds the severity of an alert.'),
      order: z
        .array(textField)
        .min(1)
        .default(['critical', 'error', 'warning', 'info'])
        .superRefine((order, context) => {
          for (const [index, value] of order.entries()) {
            if (order.indexOf(value) === index) continue;
            const message = `${value} is listed already`;
            context.addIssue({ code: 'custom', path: [index], message });
          }
        })
        .describe('Its values, the most severe first. Other values come after them.'),
    })
    .prefault({})
    .describe('How alerts are ranked, on the console and in messages.'),
  alertmanager: z
    .strictObject({
      send_resolved: z
        .boolean()
        .default(true)
        .describe(
          'Whether Alertmanager reports resolved alerts (send_resolved of its receiver). If not, a run ends after its first step.',
        ),
      close_after: durationField
        .default(15 * 60_000)
        .describe(
          'Only with send_resolved: false. An alert counts as resolved after this time without a notification.',
        ),
      stale_after: durationField
        .default(12 * 3_600_000)
        .describe(
          'Only without ALERTMANAGER_URL. Jidoka closes an alert as stale after this time without a notification.',
        ),
      group_wait: durationField
        .default(30_000)
        .describe(
          "Only with ALERTMANAGER_URL. An alert that fires there for this long without a notification counts as missed. Use the route's group_wait.",
        ),
      post_results: z
        .boolean()
        .default(false)
        .describe(
          'Only with ALERTMANAGER_URL. Whether Jidoka posts an alert there for each result of a change, as docker-scaler did: scale_service, scale_nodes, reschedule_service.',
        ),
    })
    .prefault({})
    .describe('How Alertmanager reports alerts.'),
  bounds: z
    .strictObject({
      min: z.int().min(0).optional().describe('The default minimum.'),
      max: z.int().min(0).optional().describe('The default maximum.'),
    })
    .refine(({ min, max }) => min === undefined || max === undefined || min <= max, {
      error: 'expected min to be at most max',
    })
    .prefault({})
    .describe('The default bounds of services. Labels and steps override them.'),
  limits: z
    .strictObject({
      fleet: limitsField
        .default([parseLimit('20 per 1h')])
        .describe('For all playbooks and targets together.'),
      playbook: limitsField.default([parseLimit('10 per 1h')]).describe('For each playbook.'),
      target: limitsField.default([parseLimit('10 per 1h')]).describe('On each target.'),
    })
    .prefault({})
    .describe('Run limits, such as 20 per 1h. A run needs room in all of them.'),
  windows: z.array(windowField).default([]).describe('Times without automatic runs.'),
  blast_radius: z
    .strictObject({
      targets: limitField
        .prefault('10 per 10m')
        .describe('How many different targets automatic runs may change within a time.'),
      share: readWith(z.string(), parseShare)
        .optional()
        .meta({
          title: 'share',
          description:
            'Which share of all services, or of all groups, automatic runs may change within that time; at least one.',
          examples: ['25%'],
        }),
    })
    .prefault({})
    .describe('The blast radius. Beyond it, no automatic run starts until a person resets it.'),
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
                description: 'Scheme, host and port, without wildcards.',
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
                  'The environment variable with the Authorization header for this host. Default: no header.',
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
        .describe('The hosts that http.request may call. Default: none.'),
    })
    .prefault({})
    .describe('Which systems Jidoka may call.'),
  jobs: z
    .strictObject({
      mounts: z
        .array(z.string().regex(/^\/[^\p{Cc}:,]*$/u, 'expected an absolute path'))
        .default([])
        .meta({
          description:
            'The folders of nodes that jobs may mount, with all that is below them. Default: none.',
          examples: [['/var/log']],
        }),
    })
    .prefault({})
    .describe('What jobs may reach.'),
  breaker: z
    .strictObject({
      failures: z
        .int()
        .min(1)
        .default(3)
        .describe('The circuit breaker opens after this many runs in a row that did not help.'),
    })
    .prefault({})
    .describe(
      'The circuit breaker of each playbook. While it is open, each run requires approval.',
    ),
  escalate: z
    .strictObject({
      channel: textField.optional().meta({
        description: 'The default Slack channel. Default: SLACK_CHANNEL.',
        examples: ['#ops'],
      }),
      after: durationField
        .default(15 * 60_000)
        .describe('Jidoka escalates a decision that guards defer for this long.'),
      // biome-ignore lint/suspicious/noThenProperty: it is the word of the language, and no function
      then: tiersField
        .default([])
        .describe('Escalation tiers: who else Jidoka asks when no answer comes.'),
    })
    .prefault({})
    .describe('How Jidoka escalates to people.'),
  notify: z
    .strictObject({
      alertmanager: z
        .enum(['always', 'fallback'])
        .default('fallback')
        .describe(
          'Needs ALERTMANAGER_URL. always: Jidoka posts each open escalation there as the alert JidokaEscalation. fallback: only JidokaEscalationUndelivered, if Slack takes no message.',
        ),
    })
    .prefault({})
    .describe('Where escalations go besides Slack.'),
  approvers: approversField.describe(
    'Who may decide in Slack. Default: everyone in the workspace who sees the message.',
  ),
  approval_expires: durationField
    .default(3_600_000)
    .describe('A question expires after this time, and nothing is done.'),
  watchdog: z
    .strictObject({
      match: matchField.meta({
        description: 'Matchers of the watchdog alert.',
        examples: ['alertname = "Watchdog"'],
      }),
      after: durationField
        .default(10 * 60_000)
        .describe('Jidoka escalates when it does not arrive for this long.'),
    })
    .optional()
    .describe('An alert that always fires. If it stops arriving, alerts do not reach Jidoka.'),
  audit: z
    .strictObject({
      keep: durationField
        .default(90 * 24 * 3_600_000)
        .describe('How long Jidoka keeps records of the audit trail.'),
    })
    .prefault({})
    .describe('The audit trail of every decision and transition.'),
  history: z
    .strictObject({
      keep: durationField
        .default(30 * 24 * 3_600_000)
        .describe('How long Jidoka keeps received notifications. 0 records none.'),
    })
    .prefault({})
    .describe('The record of received notifications, for backtests.'),
  restore: z
    .strictObject({
      observe: durationField
        .default(30 * 60_000)
        .describe(
          'For this long after a new ledger starts, alerts older than the ledger require approval. 0 turns this off.',
        ),
    })
    .prefault({})
    .describe('What to do with a new ledger: at a first start, or after the old one was lost.'),
  evidence: z
    .strictObject({
      logs: z
        .boolean()
        .default(false)
        .describe(
          'Shows the last log lines of the failed or newest task. Jidoka masks common forms of secrets, but cannot know all.',
        ),
    })
    .prefault({})
    .describe('What escalations and runs show besides the alert.'),
  report: z
    .strictObject({
      minutes_per_alert: z
        .int()
        .min(0)
        .max(10_000)
        .default(15)
        .describe('Your estimate of how many minutes a person spends on one escalated alert.'),
    })
    .prefault({})
    .describe('Assumptions of the report.'),
});

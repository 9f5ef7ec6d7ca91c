import type { z } from 'zod';
import type { Matcher } from '../alertmanager/matcher.js';
import type { BlastRadius } from '../guard/blast-radius.js';
import type { Window } from '../guard/window.js';
import type { Bounds } from '../integrations/contract/action.js';
import type { AllowedHost } from '../integrations/contract/allowed-host.js';
import type { Approvers } from './approvers.js';
import { explainIssues, faultText } from './issue.js';
import type { Limit } from './limit.js';
import type { EscalateRule } from './playbook.js';
import { policySchema } from './policy-schema.js';
import { byPlace, type PlaybookProblem } from './problem.js';
import type { Tier } from './tier.js';
import { readYaml, type YamlDocument } from './yaml-source.js';

/** Whether and how a source of alerts reports that an alert resolved. */
export interface SourcePolicy {
  /** `false` for a receiver with `send_resolved: false`. */
  readonly sendResolved: boolean;
  /** Without reports of resolution: the silence after which an episode counts as closed. */
  readonly closeAfterMs: number;
  /** Without Alertmanager's API: the silence after which an episode that was never resolved is given up. */
  readonly staleAfterMs: number;
  /** With Alertmanager's API: how long an alert must fire there before it counts as missed. */
  readonly groupWaitMs: number;
  /** Whether changes and their results are posted to Alertmanager. */
  readonly postResults: boolean;
}

/** The alert that always fires, so that its absence shows that alerts no longer get through. */
export interface WatchdogPolicy {
  readonly match: readonly Matcher[];
  /** Jidoka escalates when it does not arrive for this long. */
  readonly afterMs: number;
}

/** By what alerts are ranked. */
export interface SeverityPolicy {
  /** The label that holds the severity. */
  readonly label: string;
  /** Its values, the most severe first. */
  readonly order: readonly string[];
}

/** What holds for every playbook: `policy.yaml` beside them. */
export interface Policy {
  /** Labels that do not make an alert another one (`replica` of an HA pair). */
  readonly ignoredLabels: readonly string[];
  readonly severity: SeverityPolicy;
  readonly alertmanager: SourcePolicy;
  /** The default bounds of services. Labels and steps override them. */
  readonly bounds: Bounds;
  /** Limits on the runs of the whole fleet, of each playbook and on each target. */
  readonly limits: {
    readonly fleet: readonly Limit[];
    readonly playbook: readonly Limit[];
    readonly target: readonly Limit[];
  };
  readonly windows: readonly Window[];
  readonly blastRadius: BlastRadius;
  /** The hosts that may be called; none: nothing is. */
  readonly http: { readonly hosts: readonly AllowedHost[] };
  /** The folders of nodes that jobs may mount; none: none are. */
  readonly jobs: { readonly mounts: readonly string[] };
  /** After how many runs in a row that did not help a person is asked before the next. */
  readonly breaker: { readonly failures: number };
  readonly escalate: EscalateRule & { readonly afterMs: number; readonly tiers: readonly Tier[] };
  /** Where escalations go besides Slack. */
  readonly notify: { readonly alertmanager: 'always' | 'fallback' };
  /** Who may decide in Slack; `undefined`: everybody in the workspace. */
  readonly approvers: Approvers | undefined;
  /** How long a question to a person stays open. */
  readonly approvalExpiresMs: number;
  /** `undefined`: there is none. */
  readonly watchdog: WatchdogPolicy | undefined;
  /** How long Jidoka keeps records of the audit trail. */
  readonly audit: { readonly keepMs: number };
  /** How long notifications are kept for trying playbooks on them; 0: they are not recorded. */
  readonly history: { readonly keepMs: number };
  /** For how long a new ledger has a person asked about alerts that began before it. */
  readonly restore: { readonly observeMs: number };
  /** Whether evidence shows lines of logs. */
  readonly evidence: { readonly logs: boolean };
  /** What an alert that reaches a person takes of their time, as the operator estimates it. */
  readonly report: { readonly minutesPerAlert: number };
}

/** What holds where there is no `policy.yaml`, and for every key that it leaves out. */
export const defaultPolicy: Policy = toPolicy(policySchema.parse({}));

/**
 * Reads a policy: its faults, and the policy, which is `undefined` where there are any; with the document
 * that it stands in, if that is not empty.
 */
export function parsePolicy(
  file: string,
  text: string,
): {
  readonly policy: Policy | undefined;
  readonly problems: readonly PlaybookProblem[];
  readonly document?: YamlDocument;
} {
  const [document, second] = readYaml(file, text);
  if (document === undefined) return { policy: defaultPolicy, problems: [] };
  if (second !== undefined) {
    const problem = second.problem({ path: [] }, 'expected one YAML document, got a second one');
    return { policy: undefined, problems: [problem] };
  }
  if (document.problems.length > 0) return { policy: undefined, problems: document.problems };
  const result = policySchema.safeParse(document.value);
  if (result.success) return { policy: toPolicy(result.data), problems: [], document };
  const faults = explainIssues(policySchema, result.error.issues, document.value);
  return {
    policy: undefined,
    problems: faults.map((fault) => document.problem(fault, faultText(fault))).sort(byPlace),
  };
}

/** The policy that a document says, after its schema. */
export function toPolicy(data: z.output<typeof policySchema>): Policy {
  return {
    ignoredLabels: data.ignored_labels,
    severity: data.severity,
    alertmanager: {
      sendResolved: data.alertmanager.send_resolved,
      closeAfterMs: data.alertmanager.close_after,
      staleAfterMs: data.alertmanager.stale_after,
      groupWaitMs: data.alertmanager.group_wait,
      postResults: data.alertmanager.post_results,
    },
    bounds: { min: data.bounds.min, max: data.bounds.max },
    limits: data.limits,
    windows: data.windows,
    blastRadius: { targets: data.blast_radius.targets, share: data.blast_radius.share ?? null },
    http: {
      hosts: data.http.hosts.map(({ url: origin, authorization }) => ({ origin, authorization })),
    },
    jobs: data.jobs,
    breaker: data.breaker,
    escalate: {
      channel: data.escalate.channel,
      afterMs: data.escalate.after,
      tiers: data.escalate.then,
    },
    notify: data.notify,
    approvers: data.approvers,
    approvalExpiresMs: data.approval_expires,
    watchdog: data.watchdog && { match: data.watchdog.match, afterMs: data.watchdog.after },
    audit: { keepMs: data.audit.keep },
    history: { keepMs: data.history.keep },
    restore: { observeMs: data.restore.observe },
    evidence: data.evidence,
    report: { minutesPerAlert: data.report.minutes_per_alert },
  };
}

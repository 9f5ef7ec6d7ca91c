import type { AnyAction } from '../action/action.js';
import type { Labels } from '../alert/alert.js';
import type { Matcher } from '../alert/matcher.js';
import type { Approvers } from '../escalation/approvers.js';
import type { RunLimit } from '../ledger/run.js';
import type { Expression, Template } from './expression.js';
import type { Tier } from './tier.js';

/** `shadow` decides, records and shows; `approve` asks a person first; `auto` acts. */
export type Mode = 'shadow' | 'approve' | 'auto';

/** A limit as a playbook has it, written `3 per 1h`. */
export interface Limit extends RunLimit {
  /** As it was written. */
  readonly text: string;
}

/** Where and when people are told. */
export interface EscalateRule {
  readonly channel: string | undefined;
  /** How long a decision may be held before a person is told. */
  readonly afterMs: number | undefined;
  /** Whom a question is passed on to when nobody answers, one after another. */
  readonly tiers: readonly Tier[] | undefined;
}

/** One use of an action, its parameters not yet evaluated. */
export interface Step {
  readonly action: AnyAction;
  /** Parameter name → template or literal; `evaluateStep` evaluates and validates them. */
  readonly params: Readonly<Record<string, Template>>;
  /** How long the alert has to resolve after the target converged. */
  readonly settleMs: number;
  /** How often the step may be taken in one run, each time towards a new absolute state. */
  readonly repeat: number;
  /** Put back what this step did if nothing helped. */
  readonly undo: boolean;
}

/** A playbook as it was loaded: checked, with matchers and expressions compiled. */
export interface Playbook {
  readonly name: string;
  readonly summary: string;
  readonly owner: string | undefined;
  /** Path relative to the playbook folder; playbooks are tried in the order of these. */
  readonly file: string;
  /** SHA-256 of `text`, 64 hex digits. */
  readonly hash: string;
  /** Its YAML document as it stands in the file, comments included. */
  readonly text: string;
  readonly match: readonly Matcher[];
  readonly when: Expression | undefined;
  readonly mode: Mode;
  readonly continue: boolean;
  readonly ignore: boolean;
  /** Empty only where `ignore` is set. */
  readonly steps: readonly Step[];
  readonly guards: { readonly cooldownMs: number; readonly limits: readonly Limit[] };
  readonly escalate: EscalateRule;
  /** Who may decide about it in Slack, instead of the policy's approvers; left out, those. */
  readonly approvers?: Approvers | undefined;
}

/** What expressions may read: the alert's own words and the names set in the configuration; never live state. */
export interface ExpressionInput {
  readonly labels: Labels;
  readonly annotations: Labels;
  /** `JIDOKA_WORKER_ASG`, or the empty string. */
  readonly worker_asg: string;
}

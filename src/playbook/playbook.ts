import type { Matcher } from '../alertmanager/matcher.js';
import type { Source } from '../alertmanager/source.js';
import type { AnyAction } from '../integrations/contract/action.js';
import type { JobDefinition } from '../integrations/contract/job.js';
import type { Approvers } from './approvers.js';
import type { Expression, ExpressionInput, Template } from './expression.js';
import type { Limit } from './limit.js';
import type { Tier } from './tier.js';

/** `shadow` decides, records and shows; `approve` asks a person first; `auto` acts. */
export type Mode = 'shadow' | 'approve' | 'auto';

/** How Jidoka escalates to people. */
export interface EscalateRule {
  readonly channel: string | undefined;
  /** Jidoka escalates a decision that guards defer for this long. */
  readonly afterMs: number | undefined;
  /** Escalation tiers: who else Jidoka asks when no answer comes. */
  readonly tiers: readonly Tier[] | undefined;
}

/** One use of an action, its parameters not yet evaluated. */
export interface Step {
  readonly action: AnyAction;
  /** Parameter name → template or literal; `evaluateStep` evaluates and validates them. */
  readonly params: Readonly<Record<string, Template>>;
  /** The job that it runs, as it was declared when the playbook was loaded; left out, it runs none. */
  readonly job?: JobDefinition;
  /** How long the alert has to resolve after the target converged. */
  readonly settleMs: number;
  /** How often the step may be taken in one run, each time towards a new absolute state. */
  readonly repeat: number;
  /** Put back what this step did if nothing helped. */
  readonly undo: boolean;
}

/** What a playbook requires of its target besides what the alert says: facts, read with the target. */
export interface Requirement {
  /** The target was deployed at most this long before the alert started. */
  readonly deployedWithinMs: number;
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
  /** Its YAML document as it is in the file, comments included. */
  readonly text: string;
  readonly match: readonly Matcher[];
  /** Where the alerts come from that it takes. */
  readonly sources: ReadonlySet<Source>;
  /** Whether `source` says so, or it is the default. */
  readonly saysSource: boolean;
  readonly when: Expression | undefined;
  /** What it requires of the target of its first step; left out, nothing. */
  readonly requires?: Requirement | undefined;
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

/** What a playbook is held against: what expressions may read, and where the alert comes from. */
export interface AlertInput extends ExpressionInput {
  /** Left out: Alertmanager. */
  readonly source?: Source;
  /** The playbook that a person runs by hand: only it is asked, whatever its `source`. */
  readonly manual?: string;
}

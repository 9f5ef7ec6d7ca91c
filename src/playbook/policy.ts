import type { Bounds } from '../action/action.js';
import type { EscalateRule, Limit } from './playbook.js';

/** Whether and how a source of alerts reports that an alert resolved. */
export interface SourcePolicy {
  /** `false` for a receiver with `send_resolved: false`. */
  readonly sendResolved: boolean;
  /** Without reports of resolution: the silence after which an episode counts as closed. */
  readonly closeAfterMs: number;
}

/** What holds for every playbook: `policy.yaml` beside them. */
export interface Policy {
  /** Labels that do not make an alert another one (`replica` of an HA pair). */
  readonly ignoredLabels: readonly string[];
  readonly alertmanager: SourcePolicy;
  /** Bounds for services that give none themselves. */
  readonly bounds: Bounds;
  /** Limits on runs across the whole fleet. */
  readonly limits: readonly Limit[];
  readonly escalate: EscalateRule & { readonly afterMs: number };
  /** How long a question to a person stays open. */
  readonly approvalExpiresMs: number;
}

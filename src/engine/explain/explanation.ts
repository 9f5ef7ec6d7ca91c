import type { Labels } from '../../alertmanager/alert.js';
import type { Source } from '../../alertmanager/source.js';
import type { Operation, TargetState } from '../../integrations/contract/change.js';
import type { Disposition } from '../../ledger/episode.js';
import type { Escalation } from '../../ledger/escalation.js';
import type { Reason } from '../../ledger/reason.js';
import type { Run } from '../../ledger/run.js';
import type { Compared } from '../../playbook/compare.js';

/** Why an alert was, or was not, acted on, and what would happen if it came now. Plain data. */
export interface Explanation {
  readonly labels: Labels;
  readonly annotations: Labels;
  /** A resolved alert starts nothing; it is explained as if it fired. */
  readonly status: 'firing' | 'resolved';
  /** Where it comes from, as far as that is known. */
  readonly source: Source;
  readonly atMs: number;
  /** The hash of the set of playbooks that explains it. */
  readonly setHash: string;
  /** Whether the ledger and the targets could be asked; else guards and plans are unknown. */
  readonly live: boolean;
  /** What the engine itself makes of it, before any playbook; `null`: the playbooks are asked. */
  readonly own: Own | null;
  /** What comes of it now, a forecast for each playbook that takes it, those in shadow first. */
  readonly forecasts: readonly Forecast[];
  /** The playbooks clause by clause: those that match, then the others, the nearest first. */
  readonly playbooks: readonly Compared[];
  /** How many playbooks there are, and how many of them stand in `playbooks`. */
  readonly total: number;
  /** The latest episode of this alert; `null`: the ledger has none, or was not asked. */
  readonly episode: EpisodeNow | null;
}

/** A word of the engine itself. */
export interface Own {
  readonly fate: 'ignored' | 'held';
  readonly reason: Reason;
  readonly detail: string;
}

/** What would come of an alert if it were decided now. */
export interface Forecast {
  /** `null`: no playbook takes it. */
  readonly playbook: string | null;
  /** The playbook is in shadow: it would only show what it would do. */
  readonly shadow: boolean;
  /**
   * `run`: it begins a run; `ask`: a person is asked first; `join`: it joins a run; `held`: a guard holds
   * it; `escalated`: a person gets it; `ignored`; `decided`: the playbook has given its last word on this
   * episode; `unknown`: no one could be asked.
   */
  readonly fate: 'run' | 'ask' | 'join' | 'held' | 'escalated' | 'ignored' | 'decided' | 'unknown';
  readonly reason: Reason;
  readonly detail: string;
  /** `held`: when it is decided again. */
  readonly againAtMs: number | null;
  /** The run that it joins, or has had. */
  readonly runId: string | null;
  /** All that is in the way: of the run, or with `ask` of the run once a person has said yes. */
  readonly heldBy: readonly InTheWay[];
  /** What each step would do, one after another, if none of them helped; empty: that is not known. */
  readonly steps: readonly StepForecast[];
}

/** Something that holds a run back. */
export interface InTheWay {
  readonly reason: Reason;
  readonly detail: string;
  /** When it lifts by itself; `null`: when a person or a run lets go of it. */
  readonly liftsAtMs: number | null;
}

/** What a step would do. */
export interface StepForecast {
  readonly action: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** The name of its target; `null`: it was not read. */
  readonly target: string | null;
  readonly unit: string;
  readonly from: TargetState | null;
  /** One after another, as far as repeats and bounds let it go. */
  readonly operations: readonly Operation[];
  /** Why it would do nothing, or no more. */
  readonly detail: string;
}

/** What an episode has come to. */
export interface EpisodeNow {
  readonly id: string;
  readonly state: 'open' | 'closed';
  /**
   * What a delivery would do to it now: `opened` a new one after it, `repeated`, `reopened`, `overtaken`;
   * `forgotten`: its end was missed, and a new one would be opened.
   */
  readonly delivery: 'opened' | 'repeated' | 'reopened' | 'overtaken' | 'forgotten';
  readonly openedAtMs: number;
  readonly lastSeenAtMs: number;
  readonly closedAtMs: number | null;
  readonly deliveries: number;
  /** Alertmanager silences or inhibits it. */
  readonly muted: boolean;
  readonly verdicts: readonly Disposition[];
  readonly runs: readonly RunNow[];
  readonly escalations: readonly EscalationNow[];
}

/** How far a run has come. */
export type RunNow = Pick<Run, 'id' | 'origin' | 'state' | 'attempts' | 'waiting' | 'outcome'>;

/** What became of a question or a report to a person. */
export interface EscalationNow {
  readonly id: string;
  readonly kind: Escalation['kind'];
  readonly reason: Reason;
  readonly title: string;
  readonly state: 'open' | 'answered' | 'withdrawn' | 'expired';
  readonly answer: { readonly label: string; readonly by: string; readonly atMs: number } | null;
}

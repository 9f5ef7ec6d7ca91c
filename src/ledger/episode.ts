import type { Labels } from '../alertmanager/alert.js';
import type { ManualRun } from '../alertmanager/command.js';
import type { Target } from '../integrations/contract/change.js';
import type { Reason } from './reason.js';

/** The run that has to give a target free first. */
export interface Busy {
  readonly target: Target;
  readonly runId: string;
}

/** What one playbook (or, with `playbook: null`, the engine itself) makes of an episode. */
export interface Disposition {
  readonly playbook: string | null;
  readonly fate: 'run' | 'held' | 'escalated' | 'ignored' | 'shadow';
  readonly reason: Reason;
  readonly detail: string;
  readonly atMs: number;
  readonly runId?: string;
  readonly escalationId?: string;
  /** Held: when it is decided again. */
  readonly untilMs?: number;
  /** Held: since when. */
  readonly sinceMs?: number;
  /** Held: a person has been told that it takes long. */
  readonly told?: boolean;
  /** Held: the hash of the set of playbooks that decided so; another set decides at once. */
  readonly setHash?: string;
  /** Held because its target is busy. */
  readonly waitsFor?: Busy;
}

/** A playbook that did not take an alert, and by what it missed it. */
export interface Miss {
  readonly playbook: string;
  /** The first of its clauses that did not hold, as it was written: a matcher, `when: …` or `requires: …`. */
  readonly clause: string;
  readonly expected: string;
  readonly actual: string;
  /** `expression_failed` where `when:` could not be evaluated, which counts as no match. */
  readonly reason: Extract<Reason, 'no_match' | 'expression_failed'>;
  /** How many of its clauses did not hold. */
  readonly missed: number;
}

/** A fingerprint that resolved. */
interface Ended {
  readonly endsAtMs: number;
  /** When the receiver took the news. */
  readonly receivedAtMs: number;
}

/** One alert from firing until resolved. Its id is its identity and a running number. */
export interface Episode {
  readonly id: string;
  readonly identity: string;
  readonly state: 'open' | 'closed';
  readonly source: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly generatorUrl: string;
  readonly groupKey: string;
  readonly externalUrl: string;
  /** Of the route by which it was delivered last; `undefined`: that was not said. */
  readonly routeLabels?: Labels;
  /** The firing fingerprints, `…` for those beyond 1,000, each with the latest start that was reported for it. */
  readonly members: Readonly<Record<string, number>>;
  readonly openedAtMs: number;
  readonly lastSeenAtMs: number;
  readonly closedAtMs: number | null;
  /** It was closed because nothing was heard of it: what fires after that and is no repeat is a new episode. */
  readonly silent?: true;
  /** The latest end that was reported. */
  readonly endsAtMs: number | null;
  /** The latest resolved of each fingerprint, for as long as a firing may still come late. */
  readonly ended: Readonly<Record<string, Ended>>;
  /** How often it was delivered, duplicates included. */
  readonly deliveries: number;
  readonly verdicts: readonly Disposition[];
  readonly misses: readonly Miss[];
  /** The cases (of runs and escalations) that this episode is part of. */
  readonly cases: readonly string[];
  /** Playbooks that have had their run for this episode. */
  readonly spent: readonly string[];
  /** Some playbooks have had their say, and others have not yet: a crash between them loses nothing. */
  readonly moreToDecide?: true;
  /** No one delivered it: it was found in an Alertmanager whose muting could not be seen. */
  readonly mutingUnseen?: true;
  /** A person runs this playbook by hand, which is the only one that is asked. */
  readonly manual?: ManualRun;
}

/** When the first of its firing members started. */
export function startedAtMs({ members, openedAtMs }: Episode): number {
  const starts = Object.values(members);
  return starts.length === 0 ? openedAtMs : Math.min(...starts);
}

/** Whether the engine still owes this episode a decision. */
export function isUndecided(episode: Episode): boolean {
  return (
    episode.state === 'open' &&
    !episode.verdicts.some((disposition) => disposition.fate !== 'shadow')
  );
}

/** The episode closed, as if its last member had resolved now. One that was owed a decision gets its fate. */
export function close(episode: Episode, nowMs: number): Episode {
  const tooLate: Disposition = {
    playbook: null,
    fate: 'ignored',
    reason: 'resolved',
    detail: 'the alert resolved before a decision',
    atMs: nowMs,
  };
  const verdicts = isUndecided(episode) ? [...episode.verdicts, tooLate] : episode.verdicts;
  return { ...episode, state: 'closed', members: {}, closedAtMs: nowMs, verdicts };
}

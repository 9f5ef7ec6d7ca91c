import type { Alert, Labels } from '../alert/alert.js';
import type { Target } from '../target/change.js';
import type { Reason } from './reason.js';

/** The run that has to give a target free first. */
export interface Busy {
  readonly target: Target;
  readonly runId: string;
}

/** What one playbook (or, with `playbook: null`, the engine itself) makes of an episode. */
export interface Verdict {
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
  /** The first of its clauses that did not hold, as it was written: a matcher, or `when: …`. */
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
  /** The fingerprints that fire, each with the latest start that was reported for it. */
  readonly members: Readonly<Record<string, number>>;
  readonly openedAtMs: number;
  readonly lastSeenAtMs: number;
  readonly closedAtMs: number | null;
  /** It was closed because nothing was heard of it: whatever fires after that is a new episode. */
  readonly silent?: true;
  /** The latest end that was reported. */
  readonly endsAtMs: number | null;
  /** The latest resolved of each fingerprint, for as long as a firing may still come late. */
  readonly ended: Readonly<Record<string, Ended>>;
  /** How often it was delivered, duplicates included. */
  readonly deliveries: number;
  readonly verdicts: readonly Verdict[];
  readonly misses: readonly Miss[];
  /** The cases (of runs and escalations) that this episode is part of. */
  readonly cases: readonly string[];
  /** Playbooks that have had their run for this episode. */
  readonly spent: readonly string[];
  /** Some playbooks have had their say, and others have not yet: a crash between them loses nothing. */
  readonly moreToDecide?: true;
  /** Nobody delivered it: it was found in an Alertmanager whose muting could not be seen. */
  readonly mutingUnseen?: true;
}

/** What a delivery did to its episode. */
export type Effect =
  | 'opened'
  | 'repeated'
  | 'reopened'
  | 'resolved'
  | 'partly_resolved'
  /** A resolved that says nothing new: late, repeated, or of an earlier occurrence. */
  | 'resolved_before'
  /** A firing that was received before the resolved that ended it, and is worked off after it. */
  | 'overtaken';

/** Where a delivery came from. */
export interface Delivery {
  readonly identity: string;
  readonly source: string;
  readonly groupKey: string;
  readonly externalUrl: string;
  /** When the receiver took it; it may lie in the queue, and be worked off again after a crash. */
  readonly receivedAtMs: number;
  readonly nowMs: number;
  /** Found, not delivered, where muting could not be seen. */
  readonly mutingUnseen?: true | undefined;
}

/** The longest time between a notification's reception and its being worked off that is made good for. */
const overtakenWithinMs = 3_600_000;

/**
 * Takes one delivered alert into its episode. Deliveries may be repeated, late and out of order: a
 * firing that starts after the last end opens a new episode, an older one reopens the same episode
 * with its spent budget, and a resolved that ended before its member started is of the past. A firing
 * that was received before its resolved reopens nothing: no other resolved would ever follow it.
 */
export function receive(
  current: Episode | null,
  alert: Alert,
  delivery: Delivery,
): { readonly episode: Episode; readonly effect: Effect } {
  return alert.status === 'firing'
    ? receiveFiring(current, alert, delivery)
    : receiveResolved(current, alert, delivery);
}

/** Whether the engine still owes this episode a decision. */
export function isUndecided(episode: Episode): boolean {
  return episode.state === 'open' && !episode.verdicts.some((verdict) => verdict.fate !== 'shadow');
}

/** The episode closed, as if its last member had resolved now. One that was owed a decision gets its fate. */
export function close(episode: Episode, nowMs: number): Episode {
  const tooLate: Verdict = {
    playbook: null,
    fate: 'ignored',
    reason: 'resolved',
    detail: 'it resolved before it was decided',
    atMs: nowMs,
  };
  const verdicts = isUndecided(episode) ? [...episode.verdicts, tooLate] : episode.verdicts;
  return { ...episode, state: 'closed', members: {}, closedAtMs: nowMs, verdicts };
}

function receiveFiring(current: Episode | null, alert: Alert, delivery: Delivery) {
  const member = { [alert.fingerprint]: alert.startsAtMs };
  if (current === null || (current.state === 'closed' && isOver(current, alert, delivery))) {
    return { episode: open(current, alert, delivery, member), effect: 'opened' as const };
  }
  if (isOvertaken(current, alert, delivery)) {
    const deliveries = current.deliveries + 1;
    const episode = { ...current, lastSeenAtMs: delivery.nowMs, deliveries };
    return { episode, effect: 'overtaken' as const };
  }
  const { mutingUnseen, ...known } = current;
  const latestMs = known.members[alert.fingerprint] ?? 0;
  const episode: Episode = {
    ...known,
    ...(mutingUnseen && delivery.mutingUnseen ? { mutingUnseen } : {}),
    state: 'open',
    closedAtMs: null,
    annotations: alert.annotations,
    members: { ...current.members, [alert.fingerprint]: Math.max(latestMs, alert.startsAtMs) },
    lastSeenAtMs: delivery.nowMs,
    deliveries: current.deliveries + 1,
  };
  if (current.state === 'open') {
    // Alertmanager delivers it after all, so it is not muted: it is decided anew.
    const isCertainNow = mutingUnseen && episode.mutingUnseen === undefined;
    const repeated = isCertainNow ? { ...episode, verdicts: [] } : episode;
    return { episode: repeated, effect: 'repeated' as const };
  }
  return { episode: { ...episode, verdicts: [] }, effect: 'reopened' as const };
}

function receiveResolved(current: Episode | null, alert: Alert, delivery: Delivery) {
  const endsAtMs = Math.max(alert.endsAtMs ?? delivery.nowMs, current?.endsAtMs ?? 0);
  if (current === null) {
    const tombstone = close(open(null, alert, delivery, {}), delivery.nowMs);
    const ended = withEnd({}, alert, delivery);
    return { episode: { ...tombstone, endsAtMs, ended }, effect: 'resolved_before' as const };
  }
  const seen = {
    ...current,
    ended: withEnd(current.ended, alert, delivery),
    lastSeenAtMs: delivery.nowMs,
    deliveries: current.deliveries + 1,
  };
  const startedAtMs = current.members[alert.fingerprint];
  if (startedAtMs === undefined || (alert.endsAtMs ?? delivery.nowMs) < startedAtMs) {
    return { episode: { ...seen, endsAtMs }, effect: 'resolved_before' as const };
  }
  const { [alert.fingerprint]: _, ...members } = current.members;
  if (Object.keys(members).length > 0) {
    return { episode: { ...seen, members, endsAtMs }, effect: 'partly_resolved' as const };
  }
  return { episode: { ...close(seen, delivery.nowMs), endsAtMs }, effect: 'resolved' as const };
}

function open(
  previous: Episode | null,
  alert: Alert,
  delivery: Delivery,
  members: Record<string, number>,
): Episode {
  const number =
    previous === null ? 1 : Number(previous.id.slice(previous.id.lastIndexOf('-') + 1)) + 1;
  return {
    id: `${delivery.identity}-${number}`,
    identity: delivery.identity,
    state: 'open',
    source: delivery.source,
    labels: alert.labels,
    annotations: alert.annotations,
    generatorUrl: alert.generatorUrl,
    groupKey: delivery.groupKey,
    externalUrl: delivery.externalUrl,
    members,
    openedAtMs: delivery.nowMs,
    lastSeenAtMs: delivery.nowMs,
    closedAtMs: null,
    endsAtMs: null,
    ended: previous?.ended ?? {},
    deliveries: 1,
    verdicts: [],
    misses: [],
    cases: [],
    spent: [],
    ...(delivery.mutingUnseen ? { mutingUnseen: true } : {}),
  };
}

function isOvertaken(current: Episode, alert: Alert, { receivedAtMs }: Delivery): boolean {
  const end = current.ended[alert.fingerprint];
  return end !== undefined && receivedAtMs < end.receivedAtMs && alert.startsAtMs <= end.endsAtMs;
}

/** Notes an end, and forgets those that no late firing can meet any more. */
function withEnd(
  known: Episode['ended'],
  { fingerprint, endsAtMs }: Alert,
  { receivedAtMs, nowMs }: Delivery,
): Episode['ended'] {
  const latest = known[fingerprint];
  const recent = Object.entries(known).filter(
    ([, end]) => end.receivedAtMs > receivedAtMs - overtakenWithinMs,
  );
  const end = { endsAtMs: endsAtMs ?? nowMs, receivedAtMs };
  const isLatest = latest === undefined || latest.receivedAtMs <= receivedAtMs;
  return { ...Object.fromEntries(recent), [fingerprint]: isLatest ? end : latest };
}

function isOver(closed: Episode, alert: Alert, { receivedAtMs }: Delivery): boolean {
  if (closed.silent && closed.closedAtMs !== null) return receivedAtMs > closed.closedAtMs;
  return startsAfter(alert, closed);
}

function startsAfter(alert: Alert, closed: Episode): boolean {
  return alert.startsAtMs > (closed.endsAtMs ?? closed.closedAtMs ?? 0);
}

import type { Alert } from '../alert/alert.js';
import { close, type Episode } from './episode.js';

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

function receiveFiring(current: Episode | null, alert: Alert, delivery: Delivery) {
  if (current === null || (current.state === 'closed' && isOver(current, alert, delivery))) {
    const members = { [alert.fingerprint]: alert.startsAtMs };
    return { episode: open(current, alert, delivery, members), effect: 'opened' as const };
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

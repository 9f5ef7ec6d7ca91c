import type { Alert, Labels } from '../../alertmanager/alert.js';
import type { ManualRun } from '../../alertmanager/command.js';
import { close, type Episode } from '../../ledger/episode.js';
import { createScratch, type Scratch } from '../../ledger/scratch.js';

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
  /** Its notification says that it only repeats the one before it. */
  readonly repeats?: boolean;
  /** Of the route by which it came; `undefined`: its notification does not say. */
  readonly routeLabels?: Labels | undefined;
  /** Found, not delivered, where muting could not be seen. */
  readonly mutingUnseen?: true | undefined;
  /** It is a run by hand. */
  readonly manual?: ManualRun | undefined;
}

/** As many fingerprints of one episode are told apart. */
export const maxMembers = 1_000;
/** What those beyond are called together, which is no fingerprint. */
export const otherMembers = '…';

/** The longest time between a notification's reception and its being worked off that is made good for. */
const overtakenWithinMs = 3_600_000;

/**
 * Takes one delivered alert into its episode. Deliveries may be repeated, late and out of order: a
 * firing that starts after the last end opens a new episode, an older one reopens the same episode
 * with its spent budget, and a resolved that ended before its member started is of the past. A firing
 * that was received before its resolved reopens nothing: no other resolved would ever follow it. A
 * resolved is never passed over because of a time that cannot be.
 *
 * More than `maxMembers` fingerprints are not told apart, so that a record stays small. Such an episode
 * does not close by its resolved ones, for no one counts the others: it closes when Alertmanager does not
 * list it any more, or when nothing is heard of it.
 *
 * @param scratch the same for all that is received into one episode in one go
 */
export function applyAlert(
  current: Episode | null,
  alert: Alert,
  delivery: Delivery,
  scratch: Scratch = createScratch(),
): { readonly episode: Episode; readonly effect: Effect } {
  return alert.status === 'firing'
    ? receiveFiring(current, alert, delivery, scratch)
    : receiveResolved(current, alert, delivery, scratch);
}

function receiveFiring(
  current: Episode | null,
  alert: Alert,
  delivery: Delivery,
  scratch: Scratch,
) {
  const startedAtMs = startOf(alert, delivery) ?? 0;
  if (current !== null && isOvertaken(current, alert, delivery)) {
    const deliveries = current.deliveries + 1;
    const episode = { ...current, lastSeenAtMs: delivery.nowMs, deliveries };
    return { episode, effect: 'overtaken' as const };
  }
  if (current === null || (current.state === 'closed' && isOver(current, alert, delivery))) {
    const members = { [alert.fingerprint]: startedAtMs };
    return { episode: open(current, alert, delivery, members), effect: 'opened' as const };
  }
  const { mutingUnseen, silent: _, ...known } = current;
  const episode: Episode = {
    ...known,
    ...(mutingUnseen && delivery.mutingUnseen ? { mutingUnseen } : {}),
    ...routed(delivery),
    state: 'open',
    closedAtMs: null,
    annotations: alert.annotations,
    members: withMember(current.members, alert.fingerprint, startedAtMs, scratch),
    lastSeenAtMs: delivery.nowMs,
    deliveries: current.deliveries + 1,
  };
  if (current.state === 'open') {
    // Alertmanager delivers it after all, so it is not muted: it is decided again.
    const isCertainNow = mutingUnseen && episode.mutingUnseen === undefined;
    const repeated = isCertainNow ? { ...episode, verdicts: [] } : episode;
    return { episode: repeated, effect: 'repeated' as const };
  }
  return { episode: { ...episode, verdicts: [] }, effect: 'reopened' as const };
}

function receiveResolved(
  current: Episode | null,
  alert: Alert,
  delivery: Delivery,
  scratch: Scratch,
) {
  const endedAtMs = endOf(alert, delivery);
  const endsAtMs = Math.max(endedAtMs, current?.endsAtMs ?? 0);
  if (current === null) {
    const tombstone = close(open(null, alert, delivery, {}), delivery.nowMs);
    const ended = withEnd({}, alert, delivery, scratch);
    return { episode: { ...tombstone, endsAtMs, ended }, effect: 'resolved_before' as const };
  }
  const seen = {
    ...current,
    ended: withEnd(current.ended, alert, delivery, scratch),
    lastSeenAtMs: delivery.nowMs,
    deliveries: current.deliveries + 1,
  };
  const startedAtMs = current.members[alert.fingerprint];
  // our clock may have been set back meanwhile: then it ended after all by the times that it names
  const latestEndMs = Math.max(endedAtMs, alert.endsAtMs ?? 0);
  if (startedAtMs === undefined || latestEndMs < startedAtMs) {
    return { episode: { ...seen, endsAtMs }, effect: 'resolved_before' as const };
  }
  const members = scratch.withoutEntry(current.members, alert.fingerprint);
  if (scratch.sizeOf(members) > 0) {
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
    ...(delivery.manual === undefined ? {} : { manual: delivery.manual }),
    ...routed(delivery),
  };
}

/** What a delivery says of its route, if it does. */
function routed({ routeLabels }: Delivery): Pick<Episode, 'routeLabels'> {
  return routeLabels === undefined ? {} : { routeLabels };
}

/** When an alert began; `null`: it does not say. No later than it was received, whatever it says. */
function startOf({ startsAtMs }: Alert, { receivedAtMs }: Delivery): number | null {
  return startsAtMs === null ? null : Math.min(startsAtMs, receivedAtMs);
}

/** When an alert resolved: when it was received, where it names no time, or one that cannot be. */
function endOf({ startsAtMs, endsAtMs }: Alert, { receivedAtMs }: Delivery): number {
  const isKnown = endsAtMs !== null && endsAtMs <= receivedAtMs && endsAtMs >= (startsAtMs ?? 0);
  return isKnown ? endsAtMs : receivedAtMs;
}

function isOvertaken(current: Episode, alert: Alert, delivery: Delivery): boolean {
  const end = current.ended[alert.fingerprint];
  if (end === undefined || delivery.receivedAtMs >= end.receivedAtMs) return false;
  return (startOf(alert, delivery) ?? 0) <= end.endsAtMs;
}

/** Notes that a fingerprint fires; beyond `maxMembers` it is one of the others. */
function withMember(
  members: Episode['members'],
  fingerprint: string,
  startedAtMs: number,
  scratch: Scratch,
): Episode['members'] {
  const isKnown = Object.hasOwn(members, fingerprint);
  const name = isKnown || scratch.sizeOf(members) < maxMembers ? fingerprint : otherMembers;
  const latestMs = members[name];
  if (latestMs !== undefined && latestMs >= startedAtMs) return members;
  return scratch.withEntry(members, name, startedAtMs);
}

/**
 * Notes an end, and forgets those that no late firing can meet any more. Beyond `maxMembers` it is not
 * noted: a firing of it that comes late reopens the episode.
 */
function withEnd(
  known: Episode['ended'],
  alert: Alert,
  delivery: Delivery,
  scratch: Scratch,
): Episode['ended'] {
  const { fingerprint } = alert;
  const { receivedAtMs } = delivery;
  const sinceMs = receivedAtMs - overtakenWithinMs;
  const recent = scratch.prune(known, (end) => end.receivedAtMs > sinceMs);
  const latest = recent[fingerprint];
  if (latest === undefined && scratch.sizeOf(recent) >= maxMembers) return recent;
  if (latest !== undefined && latest.receivedAtMs > receivedAtMs) return recent;
  return scratch.withEntry(recent, fingerprint, {
    endsAtMs: endOf(alert, delivery),
    receivedAtMs,
  });
}

function isOver(closed: Episode, alert: Alert, delivery: Delivery): boolean {
  const { receivedAtMs, repeats = false } = delivery;
  if (closed.silent && closed.closedAtMs !== null) {
    return receivedAtMs > closed.closedAtMs && !repeats;
  }
  const startedAtMs = startOf(alert, delivery) ?? receivedAtMs;
  return startedAtMs > (closed.endsAtMs ?? closed.closedAtMs ?? 0);
}

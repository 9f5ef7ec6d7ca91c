import type { Alert } from '../../alertmanager/alert.js';
import type { ReportedAlert } from '../../alertmanager/alertmanager-answer.js';
import type { MemberReading } from '../../alertmanager/alertmanager-cluster.js';
import { identityOf } from '../../alertmanager/identity.js';

/** What the cluster as a whole says of one identity. */
export interface ListedAlert {
  /** The alerts that are active, routed to us, and were not missed by mere haste. */
  readonly active: Alert[];
  /** Some member silences or inhibits it. */
  muted: boolean;
  /** No member left open whether it mutes the alert, or routes it to us. */
  certain: boolean;
}

/** What all members that answered say together. */
export interface AlertmanagerSnapshot {
  /** Every identity that a member lists, whatever receivers it is routed to. */
  readonly present: ReadonlyMap<string, ListedAlert>;
  /** Whether an alert that none of them lists may be taken for gone. */
  readonly complete: boolean;
}

export interface SnapshotInput {
  readonly members: readonly MemberReading[];
  readonly receiver: string | undefined;
  readonly ignoredLabels: ReadonlySet<string>;
  /** When the reading began. */
  readonly readAtMs: number;
  /** How long an alert must fire, and a member run, before a delivery counts as missed. */
  readonly groupWaitMs: number;
  /** For how long after its start a member may not know of alerts yet. */
  readonly freshMs: number;
}

/** Puts the members' readings together; pure. */
export function snapshotOf(input: SnapshotInput): AlertmanagerSnapshot {
  const { members, receiver, ignoredLabels, readAtMs, groupWaitMs } = input;
  const present = new Map<string, ListedAlert>();
  for (const { alerts, startedAtMs, routes } of members) {
    const isSettled = startedAtMs + groupWaitMs <= readAtMs;
    const showsMuting = routes !== null && !routes.mutedAtTimes;
    for (const listed of alerts) {
      const { alert, state, receivers } = listed;
      const identity = identityOf(alert.labels, ignoredLabels);
      const known = present.get(identity) ?? { active: [], muted: false, certain: true };
      present.set(identity, known);
      if (state === 'suppressed') known.muted = true;
      if (state !== 'active' && state !== 'unknown') continue;
      if (!isRoutedTo(receiver, listed)) continue;
      if (!showsMuting || state === 'unknown' || receivers === null) known.certain = false;
      const startsAtMs = alert.startsAtMs ?? 0;
      if (isSettled && startsAtMs + groupWaitMs <= readAtMs) known.active.push(alert);
    }
  }
  return { present, complete: members.some((member) => knowsAll(member, input)) };
}

/** Tells whether an alert is routed to our receiver, or may be: its name or the alert's are not known. */
export function isRoutedTo(receiver: string | undefined, { receivers }: ReportedAlert): boolean {
  return receiver === undefined || receivers === null || receivers.includes(receiver);
}

/** A member that has just started has forgotten its alerts; one without our receiver is not ours. */
function knowsAll(
  { startedAtMs, routes }: MemberReading,
  { receiver, readAtMs, freshMs }: SnapshotInput,
): boolean {
  return startedAtMs + freshMs <= readAtMs && (receiver === undefined || routes?.exists === true);
}

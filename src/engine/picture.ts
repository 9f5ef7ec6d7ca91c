import type { Alert } from '../alert/alert.js';
import type { MemberReading } from '../alert/alertmanager-cluster.js';
import { identityOf } from '../alert/identity.js';

/** What the cluster as a whole says of one identity. */
export interface Pictured {
  /** The alerts that are active and were not missed by mere haste. */
  readonly active: Alert[];
  /** Some member silences or inhibits it. */
  muted: boolean;
  /** No member left open whether it mutes the alert, or routes it to us. */
  certain: boolean;
}

/** What all members that answered say together. */
export interface Picture {
  readonly present: ReadonlyMap<string, Pictured>;
  /** Whether an alert that none of them lists may be taken for gone. */
  readonly witnessed: boolean;
}

export interface PictureInput {
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
export function pictureOf(input: PictureInput): Picture {
  const { members, receiver, ignoredLabels, readAtMs, groupWaitMs } = input;
  const present = new Map<string, Pictured>();
  for (const { alerts, startedAtMs, routes } of members) {
    const isSettled = startedAtMs + groupWaitMs <= readAtMs;
    const showsMuting = routes !== null && !routes.mutedAtTimes;
    for (const { alert, state, receivers } of alerts) {
      if (receiver !== undefined && receivers !== null && !receivers.includes(receiver)) continue;
      const identity = identityOf(alert.labels, ignoredLabels);
      const known = present.get(identity) ?? { active: [], muted: false, certain: true };
      present.set(identity, known);
      if (state === 'suppressed') known.muted = true;
      if (state !== 'active' && state !== 'unknown') continue;
      if (!showsMuting || state === 'unknown' || receivers === null) known.certain = false;
      if (isSettled && alert.startsAtMs + groupWaitMs <= readAtMs) known.active.push(alert);
    }
  }
  return { present, witnessed: members.some((member) => isWitness(member, input)) };
}

/** A member that has just started has forgotten its alerts; one without our receiver lists none. */
function isWitness(
  { startedAtMs, routes }: MemberReading,
  { receiver, readAtMs, freshMs }: PictureInput,
): boolean {
  return startedAtMs + freshMs <= readAtMs && (receiver === undefined || routes?.exists === true);
}

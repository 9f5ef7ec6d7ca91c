import type { Target } from '../integrations/contract/change.js';
import type { Keys } from '../ledger/keys.js';
import type { Write } from '../ledger/transaction.js';
import type { Guard } from './guard.js';

/** On how many targets automatic runs may begin. */
export interface BlastRadius {
  /** At most `count` distinct targets within `windowMs`. */
  readonly targets: { readonly count: number; readonly windowMs: number };
  /** At most this share (0 to 1) of all targets of one kind within the same time; `null`: any. */
  readonly share: number | null;
}

/** A blast radius that was exceeded, until a person resets it. */
export interface Trip {
  readonly atMs: number;
  readonly detail: string;
  /** What a reset counts again: `all` and the kinds of the targets that were one too many. */
  readonly kinds: readonly string[];
  /** The report that tells a person. */
  readonly escalationId: string;
}

/** The report of a trip, and the writes that record it. */
export interface TripReport {
  readonly escalationId: string;
  readonly writes: readonly Write[];
}

interface Wanted {
  readonly radius: BlastRadius;
  readonly targets: readonly Target[];
  /** How many targets of a kind there are; `null`: not known. No share limits what is infinite. */
  readonly fleetSize: (kind: string) => number | null;
  readonly reportTrip: (detail: string) => TripReport;
  readonly nowMs: number;
}

/** How soon it is asked again whether a blast radius that has tripped was reset. */
export const askAgainMs = 30_000;

/** Holds what is automatic while the blast radius is tripped. */
export function notTripped(keys: Keys, nowMs: number): Guard {
  return {
    claim: { kind: 'untripped', key: keys.tripped },
    explain: ({ detail }) => holdBy(JSON.parse(detail) as Trip, nowMs),
  };
}

/** Room for the targets of a run in the blast radius. These guards stand after all others. */
export function withinRadius(keys: Keys, wanted: Wanted): Guard[] {
  const { radius, targets } = wanted;
  const minutes = radius.targets.windowMs / 60_000;
  const { count } = radius.targets;
  const all = room(
    keys,
    'all',
    targets,
    count,
    `more than ${count} targets in ${minutes} min`,
    wanted,
  );
  const { share } = radius;
  if (share === null) return [all];
  const kinds = [...new Set(targets.map(kindOf))];
  const shares = kinds.flatMap((kind) => {
    const size = wanted.fleetSize(kind);
    if (size === null) return sizeUnknown(kind, wanted.nowMs);
    if (size === Number.POSITIVE_INFINITY) return [];
    const most = Math.max(1, Math.floor(size * share));
    const what = `more than ${most} of ${size} targets of kind ${kind} (${Number((share * 100).toFixed(2))}%) in ${minutes} min`;
    const ofKind = targets.filter((target) => kindOf(target) === kind);
    return room(keys, kind, ofKind, most, what, wanted);
  });
  return [...shares.filter(isHopeless), all, ...shares.filter((guard) => !isHopeless(guard))];
}

/** What a target is one of: `swarm.service`, `asg`. */
function kindOf({ id }: Target): string {
  return id.slice(0, id.indexOf('/'));
}

function room(
  keys: Keys,
  kind: string,
  targets: readonly Target[],
  count: number,
  what: string,
  { radius, reportTrip, nowMs }: Wanted,
): Guard {
  const { escalationId, writes } = reportTrip(what);
  const kinds = ['all', ...new Set(targets.map(kindOf))];
  const trip: Trip = { atMs: nowMs, detail: what, kinds, escalationId };
  return {
    claim: {
      kind: 'radius',
      key: keys.touched(kind),
      members: targets.map(({ id }) => id),
      ms: radius.targets.windowMs,
      count,
      trips: [['SET', keys.tripped, JSON.stringify(trip)], ...writes],
    },
    explain: () => holdBy(trip, nowMs),
    wouldTrip: `this would be ${what}, and would stop automatic runs until a person resets the blast radius`,
  };
}

/** Without the size of the fleet its share cannot be told: nothing is done. */
function sizeUnknown(kind: string, nowMs: number): Guard {
  const detail = `Jidoka could not count the targets of kind ${kind}, so it cannot check their share`;
  const untilMs = nowMs + askAgainMs;
  return {
    claim: { kind: 'refused' },
    explain: () => ({ reason: 'target_unavailable', detail, untilMs }),
  };
}

function isHopeless({ claim }: Guard): boolean {
  return claim.kind === 'refused';
}

function holdBy({ atMs, detail, escalationId }: Trip, nowMs: number) {
  return {
    reason: 'blast_radius' as const,
    detail: `tripped ${new Date(atMs).toISOString()}: ${detail}`,
    untilMs: nowMs + askAgainMs,
    escalationId,
  };
}

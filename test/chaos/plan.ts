import type { Labels } from '../../src/alertmanager/alert.js';
import type { Random } from './random.js';

/** Alerts that fire and resolve together, and when their notifications are sent, by whom and how often. */
export interface PlannedGroup {
  readonly key: string;
  readonly alerts: readonly Labels[];
  /** When they begin to fire, after the beginning of the storm. */
  readonly startsMs: number;
  /** How long they fire. */
  readonly firesMs: number;
  /** The Alertmanagers of one cluster: each sends what it has to say, in order, in its own time. */
  readonly members: readonly PlannedMember[];
}

/** What one Alertmanager sends of a group. */
export interface PlannedMember {
  /** How late it is with everything. */
  readonly lateMs: number;
  /** How often it says that they fire, with these pauses in between. */
  readonly repeatsMs: readonly number[];
}

const deliveriesASecond = 20;

/**
 * Everything that is sent in a storm, worked out beforehand from the random numbers alone. Each
 * notification is delivered one to three times: by up to three Alertmanagers.
 */
export function planStorm(
  random: Random,
  { deliveries, services }: { readonly deliveries: number; readonly services: readonly string[] },
): readonly PlannedGroup[] {
  const groups: PlannedGroup[] = [];
  let planned = 0;
  while (planned < deliveries) {
    const number = groups.length;
    const alerts = Array.from({ length: random.between(1, 4) }, (_, index) =>
      labelsOf(random, services, `${number}-${index}`),
    );
    const members = Array.from({ length: random.between(1, 3) }, (_, index) => ({
      lateMs: index === 0 ? 0 : random.between(0, 4_000),
      repeatsMs: Array.from({ length: random.pick([0, 0, 1]) }, () => random.between(100, 3_000)),
    }));
    groups.push({
      key: `storm-${number}`,
      alerts,
      startsMs: (planned / deliveriesASecond) * 1_000 + random.between(0, 1_000),
      firesMs: random.between(500, 12_000),
      members,
    });
    planned += deliveriesOf(members);
  }
  return groups;
}

/** How many deliveries there are in all. */
export function deliveriesIn(groups: readonly PlannedGroup[]): number {
  return groups.reduce((sum, { members }) => sum + deliveriesOf(members), 0);
}

/** Each member says once more that they fire for each repeat, and once that they resolved. */
function deliveriesOf(members: readonly PlannedMember[]): number {
  return members.reduce((sum, { repeatsMs }) => sum + 2 + repeatsMs.length, 0);
}

function labelsOf(random: Random, services: readonly string[], id: string): Labels {
  const kind = random.next();
  if (kind < 0.1) return { alertname: 'Unheard', id };
  return { alertname: kind < 0.6 ? 'Busy' : 'Idle', service: random.pick(services), id };
}

import { type Region, searchRoutes } from '../../alertmanager/route-search.js';
import type { Route } from '../../alertmanager/route-tree.js';
import { isWithin, type TimeInterval } from '../../guard/time-interval.js';
import { type Finding, note, someOf, warning, wrong } from '../../lib/finding.js';

/** Time intervals by their names; `null`: they cannot be read here. */
export type NamedIntervals = ReadonlyMap<string, readonly TimeInterval[] | null>;

/** How many kinds of alerts are named that arrive. */
const maxKinds = 3;

/** What is wrong with the routes to receivers; nothing where they get every alert at all times. */
export function examineArrivals(
  root: Route,
  receivers: readonly string[],
  { intervals, nowMs }: { readonly intervals: NamedIntervals; readonly nowMs: number },
): readonly Finding[] {
  const names = namesOf(receivers);
  const { regions, complete } = searchRoutes(root, new Set(receivers));
  const certain = regions.filter(({ example }) => example !== null);
  const missed = certain.filter(({ arrival }) => arrival === 'never');
  const arriving = certain.filter(({ arrival }) => arrival !== 'never');
  const timed = arriving.filter(({ arrival }) => arrival === 'at_times');
  if (complete && arriving.length === 0) return [unreached(root, receivers)];
  const findings: Finding[] = [];
  if (arriving.length > 0 && missed.length > 0) {
    findings.push(
      warning(
        `only some alerts reach ${names}: ${complete ? `those with ${kindsOf(arriving)}` : `not those with ${kindOf(missed[0])}`}`,
        `Jidoka never sees the others, such as those with ${kindOf(missed[0])}`,
        `add "- receiver: ${receivers[0]}" with "continue: true" as the first route, if Jidoka should get every alert`,
      ),
    );
  } else if (!complete) {
    findings.push(
      note(
        `whether every alert reaches ${names} could not be worked out: the routes are too many; try amtool config routes test with the labels of an alert`,
      ),
    );
  }
  if (timed.length > 0) findings.push(muted(names, timed, { intervals, nowMs }));
  return findings;
}

/** Whether some alert, or one that cannot be ruled out, reaches a receiver. */
export function isReached(root: Route, receiver: string): boolean {
  const { regions, complete } = searchRoutes(root, new Set([receiver]));
  return !complete || regions.some(({ arrival }) => arrival !== 'never');
}

/** The names of receivers as they stand in a sentence. */
export function namesOf(receivers: readonly string[]): string {
  return `the receiver${receivers.length === 1 ? '' : 's'} ${receivers.join(' and ')}`;
}

function unreached(root: Route, receivers: readonly string[]): Finding {
  const isNamed = receivers.some((receiver) => leadsTo(root, receiver));
  return wrong(
    isNamed
      ? `no alert reaches ${namesOf(receivers)}: other routes take each one before or below its own`
      : `no route leads to ${namesOf(receivers)}`,
    'no alert of this Alertmanager arrives here',
    `add "- receiver: ${receivers[0]}" with "continue: true" before the routes that take every alert`,
  );
}

function leadsTo(route: Route, receiver: string): boolean {
  return route.receiver === receiver || route.routes.some((child) => leadsTo(child, receiver));
}

function muted(
  names: string,
  timed: readonly Region[],
  { intervals, nowMs }: { readonly intervals: NamedIntervals; readonly nowMs: number },
): Finding {
  const routes = timed.flatMap((region) => region.timed);
  const times = new Set(
    routes.flatMap(({ muteTimes, activeTimes }) => [...muteTimes, ...activeTimes]),
  );
  const isNow = timed.some((region) =>
    region.timed.every((route) => isMutedAt(route, intervals, nowMs)),
  );
  return warning(
    `routes to ${names} are muted at times (${someOf([...times])})${isNow ? ', and at this moment' : ''}`,
    'Jidoka hears of an alert, or that it resolved, only when the route is active again',
    'remove mute_time_intervals and active_time_intervals from the route; to pause Jidoka at times, use windows in policy.yaml',
  );
}

/** Alertmanager notifies while one of the active intervals holds, if there are some, and no mute one. */
function isMutedAt(
  { muteTimes, activeTimes }: Route,
  intervals: NamedIntervals,
  nowMs: number,
): boolean {
  const holds = (name: string) => {
    const known = intervals.get(name);
    return known == null ? undefined : isWithin(known, nowMs);
  };
  const isInactive = activeTimes.length > 0 && activeTimes.every((name) => holds(name) === false);
  return isInactive || muteTimes.some((name) => holds(name) === true);
}

function kindsOf(regions: readonly Region[]): string {
  const shown = regions.slice(0, maxKinds).map(kindOf).join('; or ');
  const left = regions.length - maxKinds;
  return left > 0 ? `${shown}; and ${left} more kinds` : shown;
}

function kindOf(region: Region | undefined): string {
  return someOf((region?.conditions ?? []).map(String));
}

import type { Labels } from './alert.js';
import { createMatcher, type Matcher, type MatcherOperator } from './matcher.js';
import { canHold, findValue } from './matcher-values.js';
import type { Route } from './route-tree.js';

/**
 * What becomes of alerts: `always`: they arrive; `at_times`: they arrive, but only by routes that are
 * muted at times; `never`: they do not arrive.
 */
export type Arrival = 'always' | 'at_times' | 'never';

/** Alerts that fulfil the same conditions, and what becomes of all of them. */
export interface Region {
  readonly conditions: readonly Matcher[];
  readonly arrival: Arrival;
  /** The routes with times by which they arrive. */
  readonly timed: readonly Route[];
  /** Labels of one such alert; `null`: whether there is one could not be decided. */
  readonly example: Labels | null;
}

/** What becomes of every alert that has a name. */
export interface Arrivals {
  /** No alert is in two of them. */
  readonly regions: readonly Region[];
  /** `false`: the routes or their expressions are too many to tell of every alert. */
  readonly complete: boolean;
}

/** The conditions on each label, by its name; there are alerts that fulfil them. */
type Conditions = ReadonlyMap<string, readonly Matcher[]>;

/** How far alerts have come on their way through the routes. */
interface Way {
  readonly conditions: Conditions;
  readonly arrival: Arrival;
  readonly timed: readonly Route[];
}

/** How often alerts may part before the search gives up. */
const maxSplits = 1_000;

/**
 * What every value fulfils: Prometheus names each alert, and values have one line. A route for other
 * alerts would count without this: `.*` does not match a line break.
 */
const assumed = {
  name: { op: '=~', value: '.+' },
  other: { op: '=~', value: '.*' },
} as const;

const opposite: Readonly<Record<MatcherOperator, MatcherOperator>> = {
  '=': '!=',
  '!=': '=',
  '=~': '!~',
  '!~': '=~',
};

/**
 * Finds out which alerts arrive at some receivers, by walking the routes as Alertmanager does with all
 * alerts at once: at each route those that it takes part from those that it does not.
 */
export function searchRoutes(root: Route, receivers: ReadonlySet<string>): Arrivals {
  const leadsThere = interestIn(root, receivers);
  const regions: Region[] = [];
  let splits = 0;

  /** Goes on with alerts that `route` takes; they are handed to `end` with what became of them. */
  function enter(route: Route, way: Way, end: (way: Way) => void): void {
    visit(route, 0, way, false, end);
  }

  function visit(
    route: Route,
    from: number,
    entering: Way,
    isTaken: boolean,
    end: (way: Way) => void,
  ): void {
    let way = entering;
    const isOpen = !isTaken && receivers.has(route.receiver);
    for (let index = from; index < route.routes.length; index += 1) {
      const child = route.routes[index] as Route;
      const matters = isOpen || route.routes.slice(index).some((each) => leadsThere.has(each));
      if (way.arrival === 'always' || !matters) break;
      if (!isOpen && child.continues && !leadsThere.has(child)) continue;
      const inside = withAll(way.conditions, child.matchers);
      if (inside === undefined) continue;
      splits += 1;
      if (splits > maxSplits) return;
      enter(child, { ...way, conditions: inside }, (taken) => {
        if (child.continues) visit(route, index + 1, taken, true, end);
        else end(taken);
      });
      const outside = withoutAll(way.conditions, child.matchers);
      const last = outside.pop();
      for (const conditions of outside) {
        visit(route, index + 1, { ...way, conditions }, isTaken, end);
      }
      if (last === undefined) return;
      way = { ...way, conditions: last };
    }
    end(isOpen ? arriving(way, route) : way);
  }

  enter(root, { conditions: new Map(), arrival: 'never', timed: [] }, (way) =>
    regions.push(regionOf(way)),
  );
  const complete = splits <= maxSplits && regions.every(({ example }) => example !== null);
  return { regions, complete };
}

/** The routes that lead to the receivers, by themselves or by routes below them. */
function interestIn(root: Route, receivers: ReadonlySet<string>): ReadonlySet<Route> {
  const found = new Set<Route>();
  const look = (route: Route): boolean => {
    const below = route.routes.map(look);
    const leads = receivers.has(route.receiver) || below.includes(true);
    if (leads) found.add(route);
    return leads;
  };
  look(root);
  return found;
}

/** The alerts have arrived by this route. */
function arriving(way: Way, route: Route): Way {
  const hasTimes = route.muteTimes.length > 0 || route.activeTimes.length > 0;
  if (way.arrival === 'always' || !hasTimes) {
    return { ...way, arrival: 'always', timed: [] };
  }
  return { ...way, arrival: 'at_times', timed: [...way.timed, route] };
}

/** The alerts that also fulfil these matchers; `undefined`: there are none. */
function withAll(conditions: Conditions, matchers: readonly Matcher[]): Conditions | undefined {
  let all: Conditions | undefined = conditions;
  for (const matcher of matchers) all = all && withOne(all, matcher);
  return all;
}

/** The alerts that do not fulfil all of these matchers, in parts of which no two hold the same alert. */
function withoutAll(conditions: Conditions, matchers: readonly Matcher[]): Conditions[] {
  const parts: Conditions[] = [];
  let rest: Conditions | undefined = conditions;
  for (const matcher of matchers) {
    if (rest === undefined) break;
    const part = withOne(rest, createMatcher({ ...matcher, op: opposite[matcher.op] }));
    if (part !== undefined) parts.push(part);
    rest = withOne(rest, matcher);
  }
  return parts;
}

function withOne(conditions: Conditions, matcher: Matcher): Conditions | undefined {
  const known = conditions.get(matcher.name) ?? [];
  if (known.some((one) => one.op === matcher.op && one.value === matcher.value)) return conditions;
  const exact = known.find(({ op }) => op === '=');
  if (exact !== undefined) {
    return matcher.matches({ [matcher.name]: exact.value }) ? conditions : undefined;
  }
  const all = [...known, matcher];
  if (!canHold([...all, assumedOf(matcher.name)])) return undefined;
  // an equality says all that the others say
  return new Map(conditions).set(matcher.name, matcher.op === '=' ? [matcher] : all);
}

function assumedOf(name: string): Pick<Matcher, 'op' | 'value'> {
  return name === 'alertname' ? assumed.name : assumed.other;
}

function regionOf({ conditions, arrival, timed }: Way): Region {
  return {
    conditions: [...conditions.values()].flat(),
    arrival,
    timed,
    example: exampleOf(conditions),
  };
}

function exampleOf(conditions: Conditions): Labels | null {
  const labels: Record<string, string> = {};
  for (const [name, matchers] of new Map([['alertname', []], ...conditions])) {
    const found = findValue([...matchers, assumedOf(name)]);
    if (found.kind !== 'value') return null;
    if (found.value !== '') labels[name] = found.value;
  }
  return labels;
}

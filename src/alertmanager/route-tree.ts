import type { Labels } from './alert.js';
import { createMatcher, type Matcher, parseMatchers } from './matcher.js';

/** One route of Alertmanager's configuration, its receiver inherited where it names none. */
export interface Route {
  readonly receiver: string;
  readonly matchers: readonly Matcher[];
  /** Whether an alert that it takes goes on to the routes after it. */
  readonly continues: boolean;
  /** Names of `mute_time_intervals`. A route does not inherit them (dispatch/route.go). */
  readonly muteTimes: readonly string[];
  /** Names of `active_time_intervals`; empty: always active. */
  readonly activeTimes: readonly string[];
  readonly routes: readonly Route[];
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads `route` of Alertmanager's configuration.
 *
 * @throws an error where it holds something that Alertmanager does not load.
 */
export function readRoute(value: unknown, inherited = ''): Route {
  if (typeof value !== 'object' || value === null) throw new Error('expected a route');
  const fields = value as Fields;
  const receiver =
    typeof fields.receiver === 'string' && fields.receiver !== '' ? fields.receiver : inherited;
  return {
    receiver,
    matchers: readMatchers(fields),
    continues: fields.continue === true,
    muteTimes: listOf(fields.mute_time_intervals).map(String),
    activeTimes: listOf(fields.active_time_intervals).map(String),
    routes: listOf(fields.routes).map((route) => readRoute(route, receiver)),
  };
}

/** The routes that an alert ends at, as Alertmanager finds them (dispatch/route.go, `Match`). */
export function routesOf(route: Route, labels: Labels): readonly Route[] {
  if (!route.matchers.every((matcher) => matcher.matches(labels))) return [];
  const found: Route[] = [];
  for (const child of route.routes) {
    const taken = routesOf(child, labels);
    found.push(...taken);
    if (taken.length > 0 && !child.continues) break;
  }
  return found.length > 0 ? found : [route];
}

/** All three ways to write them count together. */
function readMatchers({ match, match_re, matchers }: Fields): readonly Matcher[] {
  return [
    ...entriesOf(match).map(([name, value]) => createMatcher({ name, op: '=', value })),
    ...entriesOf(match_re).map(([name, value]) => createMatcher({ name, op: '=~', value })),
    ...listOf(matchers).flatMap((text) => parseMatchers(String(text))),
  ];
}

function entriesOf(value: unknown): readonly (readonly [string, string])[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).map(([name, text]) => [name, String(text)]);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

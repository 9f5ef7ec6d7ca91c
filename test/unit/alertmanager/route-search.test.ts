import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Arrival, searchRoutes } from '../../../src/alertmanager/route-search.js';
import { type Route, readRoute, routesOf } from '../../../src/alertmanager/route-tree.js';

const ours = new Set(['jidoka']);
const to = (receiver: string, more: object = {}) => ({ receiver, ...more });

/** What the search says of alerts, by their conditions. */
function arrivals(route: object): Record<string, Arrival> {
  const { regions, complete } = searchRoutes(readRoute(route), ours);
  expect(complete).toBe(true);
  return Object.fromEntries(
    regions.map(({ conditions, arrival }) => [conditions.join(', '), arrival]),
  );
}

describe('alerts part', () => {
  test.each<[string, object, Record<string, Arrival>]>([
    ['at a route that takes all', to('own', { routes: [to('jidoka')] }), { '': 'always' }],
    ['nowhere, where no route leads', to('own'), { '': 'never' }],
    [
      'by what a route takes',
      to('own', { routes: [to('jidoka', { matchers: ['severity="critical"'] })] }),
      { 'severity="critical"': 'always', 'severity!="critical"': 'never' },
    ],
    [
      'by each of its matchers, however they are written',
      to('own', {
        routes: [to('jidoka', { match: { a: '1' }, match_re: { b: '2' }, matchers: ['c!="3"'] })],
      }),
      {
        'a="1", b=~"2", c!="3"': 'always',
        'a!="1"': 'never',
        'a="1", b!~"2"': 'never',
        'a="1", b=~"2", c="3"': 'never',
      },
    ],
    [
      'at a route before it that does not continue',
      to('own', { routes: [to('own', { matchers: ['team="shop"'] }), to('jidoka')] }),
      { 'team="shop"': 'never', 'team!="shop"': 'always' },
    ],
    [
      'not at a route before it that continues',
      to('own', {
        routes: [to('own', { matchers: ['team="shop"'], continue: true }), to('jidoka')],
      }),
      { '': 'always' },
    ],
    [
      'at the routes below it, which take them away',
      to('own', { routes: [to('jidoka', { routes: [to('own', { match: { a: 'b' } })] })] }),
      { 'a="b"': 'never', 'a!="b"': 'always' },
    ],
    [
      'at a route below it that continues: it takes them away all the same',
      to('own', {
        routes: [to('jidoka', { routes: [to('own', { match: { a: 'b' }, continue: true })] })],
      }),
      { 'a="b"': 'never', 'a!="b"': 'always' },
    ],
    [
      'where a receiver is inherited',
      to('jidoka', { routes: [{ match: { a: 'b' } }, to('own', { match: { c: 'd' } })] }),
      { 'a="b"': 'always', 'a!="b", c="d"': 'never', 'a!="b", c!="d"': 'always' },
    ],
    [
      'at a catch-all for names, since every alert has one',
      to('own', { routes: [to('own', { matchers: ['alertname!=""'] }), to('jidoka')] }),
      { 'alertname!=""': 'never' },
    ],
    [
      'at two that take all together',
      to('own', {
        routes: [
          to('jidoka', {
            routes: [
              to('own', { match: { severity: 'warning' } }),
              to('own', { match_re: { severity: '.*' } }),
            ],
          }),
        ],
      }),
      { 'severity="warning"': 'never', 'severity!="warning", severity=~".*"': 'never' },
    ],
    [
      'at routes with times',
      to('own', { routes: [to('jidoka', { mute_time_intervals: ['night'] })] }),
      { '': 'at_times' },
    ],
    [
      'at routes with times, unless another one brings them at all times',
      to('own', {
        routes: [
          to('jidoka', { active_time_intervals: ['day'], continue: true }),
          to('jidoka', { match: { severity: 'critical' } }),
        ],
      }),
      { 'severity="critical"': 'always', 'severity!="critical"': 'at_times' },
    ],
  ])('%s', (_, route, expected) => {
    expect(arrivals(route)).toEqual(expected);
  });
});

test('names of times are not inherited', () => {
  const root = to('own', {
    routes: [to('own', { mute_time_intervals: ['night'], routes: [to('jidoka')] })],
  });
  expect(arrivals(root)).toEqual({ '': 'always' });
});

test('what is found of alerts holds for each of them', () => {
  const matcher = fc
    .tuple(
      fc.constantFrom('a', 'b', 'c'),
      fc.constantFrom('=', '!=', '=~', '!~'),
      fc.constantFrom('', 'x', 'y', 'x|y', '.+', '.*'),
    )
    .map(([name, op, value]) => `${name}${op}"${value}"`);
  const routeOver = (routes: fc.Arbitrary<object[]>) =>
    fc.record({
      receiver: fc.constantFrom('jidoka', 'own', 'other', ''),
      matchers: fc.array(matcher, { maxLength: 2 }),
      continue: fc.boolean(),
      mute_time_intervals: fc.constantFrom([], [], [], ['night']),
      routes,
    });
  const leaf = routeOver(fc.constant([]));
  const branch = routeOver(fc.array(leaf, { maxLength: 3 }));
  const route = routeOver(fc.array(branch, { maxLength: 3 }));
  const values = ['', 'x', 'y', 'z'];
  const alerts = values.flatMap((a) =>
    values.flatMap((b) => values.map((c) => ({ alertname: 'n', a, b, c }))),
  );
  const arrivalOf = (root: Route, labels: Record<string, string>): Arrival => {
    const there = routesOf(root, labels).filter(({ receiver }) => receiver === 'jidoka');
    if (there.length === 0) return 'never';
    return there.some(({ muteTimes }) => muteTimes.length === 0) ? 'always' : 'at_times';
  };
  const seen = new Set<Arrival>();
  fc.assert(
    fc.property(fc.array(route, { maxLength: 4 }), (routes) => {
      const root = readRoute({ receiver: 'own', routes });
      const { regions, complete } = searchRoutes(root, ours);
      expect(complete).toBe(true);
      for (const labels of alerts) {
        const found = regions.filter(({ conditions }) => {
          return conditions.every((condition) => condition.matches(labels));
        });
        expect(found.map(({ arrival }) => arrival)).toEqual([arrivalOf(root, labels)]);
        seen.add(arrivalOf(root, labels));
      }
      for (const { example, arrival } of regions) {
        expect(arrivalOf(root, example ?? {})).toBe(arrival);
      }
    }),
    { numRuns: 150 },
  );
  expect(seen.size).toBe(3);
}, 30_000);

test('many routes are walked in time, and too many are said to be', () => {
  const teams = Array.from({ length: 300 }, (_, index) => {
    const severity = index % 3 === 0 ? 'warning' : 'critical';
    return to('own', { matchers: [`team="team-${index % 40}"`, `severity="${severity}"`] });
  });
  const root = readRoute(to('own', { routes: [...teams, to('jidoka')] }));
  const { regions, complete } = searchRoutes(root, ours);
  expect(complete).toBe(true);
  expect(new Set(regions.map(({ arrival }) => arrival))).toEqual(new Set(['always', 'never']));

  const all = Array.from({ length: 30 }, (_, index) =>
    to('own', { matchers: [`a${index}="1"`, `b${index}="1"`] }),
  );
  const crowd = searchRoutes(readRoute(to('own', { routes: [...all, to('jidoka')] })), ours);
  expect(crowd.complete).toBe(false);
}, 30_000);

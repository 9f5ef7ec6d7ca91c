import { expect, test } from 'vitest';
import { routesTo } from '../../../src/alertmanager/alertmanager-routes.js';

const config = (route: string) => `
route:
  receiver: people
${route}
receivers:
  - name: people
  - name: jidoka
`;

test.each([
  ['a route of its own', '  routes: [{ receiver: jidoka, mute_time_intervals: [night] }]', true],
  ['active times', '  routes: [{ receiver: jidoka, active_time_intervals: [day] }]', true],
  [
    'a child that takes the receiver from its parent',
    '  routes: [{ receiver: jidoka, routes: [{ mute_time_intervals: [night] }] }]',
    true,
  ],
  [
    'its parent only, whose times it does not take over',
    '  routes: [{ mute_time_intervals: [night], routes: [{ receiver: jidoka }] }]',
    false,
  ],
  ['another receiver', '  routes: [{ receiver: people, mute_time_intervals: [night] }]', false],
  ['an empty list', '  routes: [{ receiver: jidoka, mute_time_intervals: [] }]', false],
  ['nothing', '', false],
])('muted at times by %s', (_, route, mutedAtTimes) => {
  expect(routesTo('jidoka', config(route))).toEqual({ exists: true, mutedAtTimes });
});

test('a receiver that the configuration does not have does not exist', () => {
  expect(routesTo('jidokas', config(''))?.exists).toBe(false);
});

test.each([null, '', 'route: [', 'receivers: []', 'route: {}'])(
  'of a configuration like %j nothing is known',
  (text) => {
    expect(routesTo('jidoka', text)).toBeNull();
  },
);

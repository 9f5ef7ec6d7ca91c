import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { createAlertmanager } from '../../src/alertmanager/alertmanager.js';
import { parseMatchers } from '../../src/alertmanager/matcher.js';
import { readRoute, routesOf } from '../../src/alertmanager/route-tree.js';
import { examineAlertmanagerConfig } from '../../src/cli/doctor/alertmanager-config.js';
import { eventually } from '../support/eventually.js';
import { lines } from '../support/findings.js';
import { type HttpServer, startHttpServer } from '../support/http-server.js';
import { startAlertmanager } from '../support/parts/alertmanager.js';
import { makeDir } from '../support/parts/place.js';
import { usePart } from '../support/parts.js';

/*
 * What the doctor says of a configuration is held against Alertmanager itself: its tool says which
 * receivers an alert is routed to, and a real one posts alerts to a receiver here.
 */

const run = promisify(execFile);

/** What the doctor says of the alerts that arrive. */
type Disposition = 'all' | 'some' | 'none' | 'muted now' | 'muted at other times';

const own = { receiver: 'own' };
const jidoka = { receiver: 'jidoka' };
const on = { continue: true };
const critical = { matchers: ['severity="critical"'] };
const shop = { match: { team: 'shop' } };
const muted = (...names: string[]) => ({ mute_time_intervals: names });
const active = (...names: string[]) => ({ active_time_intervals: names });

/** Which of the alerts below arrive, the routes, and which receivers post here besides `jidoka`. */
const configurations: readonly [Disposition, readonly object[], (readonly string[])?][] = [
  ['all', [jidoka]],
  ['all', [{ ...jidoka, ...on }, own]],
  ['all', [{ ...own, ...on }, jidoka]],
  ['all', [{ ...own, ...shop, ...on }, jidoka]],
  ['all', [{ ...jidoka, routes: [{ ...shop }] }]],
  ['all', [{ ...jidoka, routes: [{ ...jidoka, ...shop }, critical] }]],
  [
    'all',
    [
      { ...jidoka, ...critical },
      { ...jidoka, matchers: ['severity!="critical"'] },
    ],
  ],
  ['all', [{ ...own, matchers: ['team="shop"', 'team="ops"'] }, jidoka]],
  ['all', [{ ...own, matchers: ['alertname=""'] }, jidoka]],
  ['all', [{ ...jidoka, matchers: ['alertname=~".+"'] }]],
  ['all', [{ receiver: 'second', ...shop }, jidoka], ['second']],
  ['some', [{ ...jidoka, ...critical }]],
  ['some', [{ ...jidoka, ...critical, ...on }, own]],
  ['some', [{ ...jidoka, match_re: { severity: 'warning|critical' } }]],
  ['some', [{ ...jidoka, matchers: ['severity!~"warning|critical"'] }]],
  ['some', [{ ...own, ...shop }, jidoka]],
  ['some', [{ ...own, ...shop, routes: [{ ...jidoka, ...critical }] }, jidoka]],
  ['some', [{ ...jidoka, routes: [{ ...own, ...shop }] }]],
  ['some', [{ ...jidoka, routes: [{ ...own, ...shop, ...on }] }]],
  ['some', [{ ...shop, routes: [{ ...jidoka, ...on }, own] }]],
  ['some', [{ ...own, matchers: ['team=~"s.*"', 'severity="critical"'] }, jidoka]],
  [
    'some',
    [
      { receiver: 'second', ...shop },
      { ...jidoka, ...critical },
    ],
    ['second'],
  ],
  ['none', [own]],
  ['none', [own, jidoka]],
  [
    'none',
    [
      { ...own, matchers: ['alertname!=""'] },
      { ...jidoka, ...on },
    ],
  ],
  ['none', [{ ...own, match_re: { team: '.*' } }, jidoka]],
  ['none', [{ ...own, ...shop }, { ...own, matchers: ['team!="shop"'] }, jidoka]],
  ['none', [{ ...jidoka, routes: [own] }]],
  ['none', [{ ...jidoka, routes: [{ ...own, ...on }] }]],
  [
    'none',
    [
      {
        ...jidoka,
        routes: [
          { ...own, match: { severity: 'warning' } },
          { ...own, match_re: { severity: '.*' } },
        ],
      },
    ],
  ],
  ['none', [{ ...own, ...shop, routes: [{ ...jidoka, matchers: ['team="ops"'] }] }, own]],
  ['muted now', [{ ...jidoka, ...on, ...muted('always') }]],
  ['muted now', [{ ...jidoka, ...active('past') }]],
  ['muted now', [{ ...jidoka, ...active('always'), ...muted('past', 'always') }]],
  ['muted at other times', [{ ...jidoka, ...active('past', 'always') }]],
  ['muted at other times', [{ ...jidoka, ...muted('past') }]],
  ['all', [{ ...jidoka, ...on, ...muted('always') }, jidoka]],
  ['all', [{ ...own, ...muted('always'), routes: [jidoka] }]],
  [
    'some',
    [
      { ...jidoka, ...critical, ...on },
      { ...own, ...muted('always') },
    ],
  ],
];

const alerts: readonly Readonly<Record<string, string>>[] = ['', 'shop', 'ops'].flatMap((team) =>
  ['', 'warning', 'critical'].map((severity) => ({
    alertname: 'Slow',
    ...(severity && { severity }),
    ...(team && { team }),
  })),
);

const wholeDay = { times: [{ start_time: '00:00', end_time: '24:00' }] };
const timeIntervals = [
  { name: 'always', time_intervals: [wholeDay] },
  { name: 'past', time_intervals: [{ years: ['2001:2002'] }] },
];

/** All of them as branches of one; the names of the receivers end with the number of theirs. */
function togetherPostingTo(origin: string) {
  const numbered = (value: object, number: number) =>
    JSON.parse(JSON.stringify(value), (key, part) =>
      key === 'receiver' ? `${part}-${number}` : part,
    );
  const branches = configurations.map(([, routes], number) =>
    numbered({ ...own, ...on, routes }, number),
  );
  const receivers = configurations.flatMap(([, , more = []], number) => {
    const posting = { url: `${origin}/webhooks/alertmanager` };
    return [
      { name: `own-${number}`, webhook_configs: [{ url: `${origin}/elsewhere` }] },
      ...['jidoka', ...more].map((name) => ({
        name: `${name}-${number}`,
        webhook_configs: [posting],
      })),
    ];
  });
  return {
    route: { receiver: 'none', group_by: ['...'], group_wait: '0s', routes: branches },
    receivers: [{ name: 'none' }, ...receivers],
    time_intervals: timeIntervals,
  };
}

let hooks: HttpServer;
let alertmanager: { readonly url: string; stop(): Promise<void> };
/** The configuration as Alertmanager shows it. */
let shown: { route: { routes: object[] }; receivers: { name: string }[] };
/** To which receivers the tool routes each alert. */
let routed: readonly (readonly string[])[];
/** What was posted, by `keyOf`. */
const posted = new Set<string>();

const keyOf = (receiver: string, labels: object) =>
  `${receiver} ${Object.entries(labels).sort().join(' ')}`;
const postersOf = (number: number) =>
  ['jidoka', ...(configurations[number]?.[2] ?? [])].map((name) => `${name}-${number}`);

beforeAll(async () => {
  hooks = await startHttpServer();
  hooks.answer = ({ body }, reply) => {
    const { receiver, alerts: sent } = JSON.parse(body);
    for (const { labels } of sent) posted.add(keyOf(receiver, labels));
    reply(200);
  };
  const config = togetherPostingTo(hooks.origin);
  const file = join(await makeDir('doctor-routes'), 'alertmanager.yml');
  await writeFile(file, JSON.stringify(config));
  const { amtool } = usePart('alertmanager');
  routed = await Promise.all(
    alerts.map(async (labels) => {
      const given = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
      const args = ['config', 'routes', 'test', `--config.file=${file}`, ...given];
      return (await run(amtool, args)).stdout.trim().split(',');
    }),
  );
  alertmanager = await startAlertmanager({ config });
  const client = createAlertmanager({ url: alertmanager.url, timeoutMs: 10_000 });
  shown = parse((await client.status()).config ?? '');
  const now = Date.now();
  await client.post(
    alerts.map((labels) => {
      return { labels, annotations: {}, startsAtMs: now, endsAtMs: now + 3_600_000 };
    }),
  );
  const due = alerts.flatMap((labels, at) =>
    configurations.flatMap(([verdict], number) => {
      if (verdict === 'muted now') return [];
      const names = postersOf(number).filter((name) => routed[at]?.includes(name));
      return names.map((name) => keyOf(name, labels));
    }),
  );
  await eventually(
    'what the tool routes is posted',
    async () => due.filter((key) => !posted.has(key)),
    (missing) => missing.length === 0,
    60_000,
  );
  // what should not come has time to
  await sleep(1_500);
});

afterAll(async () => {
  await alertmanager?.stop();
  await hooks?.stop();
});

/** The findings about one of the configurations. */
function examine(number: number): string[] {
  const own = shown.receivers.filter(({ name }) => name.endsWith(`-${number}`));
  const text = stringify({
    route: shown.route.routes[number],
    receivers: own,
    time_intervals: timeIntervals,
  });
  const expected = { receiver: `jidoka-${number}`, sendResolved: true, token: false };
  return lines(examineAlertmanagerConfig(text, expected));
}

function verdictOf(findings: readonly string[]): Disposition {
  const has = (text: string) => findings.some((line) => line.includes(text));
  if (has('wrong: no route leads to') || has('wrong: no alert reaches')) return 'none';
  if (has('are muted at times')) {
    return has('and at this moment') ? 'muted now' : 'muted at other times';
  }
  return has('warning: only some alerts reach') ? 'some' : 'all';
}

test('there are at least thirty', () => {
  expect(configurations.length).toBeGreaterThanOrEqual(30);
});

test.each(configurations.map(([verdict, routes], number) => ({ number, verdict, routes })))(
  'the doctor says what arrives: $verdict: $routes',
  ({ number, verdict }) => {
    const arrived = alerts.map((labels) =>
      postersOf(number).some((name) => posted.has(keyOf(name, labels))),
    );
    const count = arrived.filter(Boolean).length;
    const arrives = count === 0 ? 'none' : count === alerts.length ? 'all' : 'some';
    const findings = examine(number);
    expect(verdictOf(findings)).toBe(verdict);
    expect(arrives).toBe(
      { 'muted now': 'none', 'muted at other times': 'all' }[verdict as string] ?? verdict,
    );

    const which = /only some alerts reach .*?: those with (.*)$/m.exec(findings.join('\n'))?.[1];
    const kinds = which?.split('; or ').map(parseMatchers);
    const told = alerts.map((labels) =>
      kinds?.some((kind) => kind.every((matcher) => matcher.matches(labels))),
    );
    if (verdict === 'some') expect(told).toEqual(arrived);

    const root = readRoute(shown.route.routes[number]);
    for (const [at, labels] of alerts.entries()) {
      const ours = new Set(routesOf(root, labels).map(({ receiver }) => receiver));
      const theirs = routed[at]?.filter((name) => name.endsWith(`-${number}`));
      expect(ours).toEqual(new Set(theirs));
    }
  },
);

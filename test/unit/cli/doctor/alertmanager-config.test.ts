import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { examineAlertmanagerConfig } from '../../../../src/cli/doctor/alertmanager-config.js';
import type { Expected } from '../../../../src/cli/doctor/expected-receiver.js';

const expected: Expected = { receiver: 'jidoka', sendResolved: true, token: false };
const ours = { url: 'http://jidoka:9095/webhooks/alertmanager' };

interface Changes {
  readonly webhook?: object;
  readonly routes?: readonly object[];
  readonly receivers?: readonly object[];
  readonly more?: object;
  readonly expected?: Partial<Expected>;
}

/** A Wednesday. */
const nowMs = Date.UTC(2026, 0, 14, 12);

/** What is found in a configuration whose receiver `jidoka` is all right but for these changes. */
function examine({ webhook = ours, routes = [{ receiver: 'jidoka' }], ...changes }: Changes) {
  const config = stringify({
    route: { receiver: 'own', routes },
    receivers: [
      { name: 'own' },
      ...(changes.receivers ?? [{ name: 'jidoka', webhook_configs: [webhook] }]),
    ],
    ...changes.more,
  });
  return examineAlertmanagerConfig(config, { ...expected, ...changes.expected }, nowMs);
}

const texts = (changes: Changes) => examine(changes).map(({ level, text }) => `${level}: ${text}`);

describe('a receiver that posts here', () => {
  test('is all right with a route that leads to it and everything sent', () => {
    expect(texts({})).toEqual([
      'ok: its receiver jidoka posts here, all alerts, resolved ones too',
    ]);
    expect(texts({ webhook: { ...ours, send_resolved: true, max_alerts: 0 } })).toHaveLength(1);
  });

  test('is wrong where it leaves out resolved alerts, unless the policy knows', () => {
    const webhook = { ...ours, send_resolved: false };
    expect(texts({ webhook })).toEqual(['wrong: the receiver jidoka has send_resolved: false']);
    expect(texts({ webhook, expected: { sendResolved: false } })).toEqual([
      'ok: its receiver jidoka posts here, all alerts',
    ]);
  });

  test('is wrong where it truncates', () => {
    const webhook = { ...ours, max_alerts: 50 };
    expect(texts({ webhook })).toEqual(['wrong: the receiver jidoka has max_alerts: 50']);
  });

  test('is wrong where a token is wanted and none is sent', () => {
    const token = { expected: { token: true } };
    expect(texts(token)).toEqual([
      'wrong: the receiver jidoka sends no token, and JIDOKA_WEBHOOK_TOKEN is set',
    ]);
    const authorization = { type: 'Bearer', credentials: '<secret>' };
    for (const http_config of [
      { authorization },
      { basic_auth: { username: 'a', password: '<secret>' } },
      { bearer_token_file: '/token' },
      { http_headers: { Authorization: { secrets: ['<secret>'] } } },
    ]) {
      expect(texts({ ...token, webhook: { ...ours, http_config } })[0]).toMatch(/^ok/);
      expect(texts({ ...token, more: { global: { http_config } } })[0]).toMatch(/^ok/);
    }
    const headers = { http_headers: { 'X-Scope': { values: ['a'] } } };
    expect(texts({ ...token, webhook: { ...ours, http_config: headers } })[0]).toMatch(/^wrong/);
  });

  test('is wrong where it has a payload of its own', () => {
    const custom = ['wrong: the receiver jidoka has a payload of its own'];
    expect(texts({ webhook: { ...ours, payload: '{"text": "{{ .Status }}"}' } })).toEqual(custom);
    expect(texts({ webhook: { ...ours, payload: { text: '{{ .Status }}' } } })).toEqual(custom);
    for (const payload of [null, '', {}]) {
      expect(texts({ webhook: { ...ours, payload } })[0]).toMatch(/^ok/);
    }
  });

  test('ought to be named in ALERTMANAGER_RECEIVER', () => {
    expect(texts({ expected: { receiver: undefined } })).toEqual([
      'warning: ALERTMANAGER_RECEIVER is not set',
    ]);
  });

  test('is wrong where ALERTMANAGER_RECEIVER names another', () => {
    expect(texts({ expected: { receiver: 'own' } })).toEqual([
      'wrong: ALERTMANAGER_RECEIVER is own, and the receiver jidoka posts here',
    ]);
  });

  test('may be one of two: together they get every alert, and one is named', () => {
    const receivers = ['jidoka', 'jidoka-shop'].map((name) => ({ name, webhook_configs: [ours] }));
    const routes = [{ receiver: 'jidoka-shop', match: { team: 'shop' } }, { receiver: 'jidoka' }];
    expect(texts({ receivers, routes })).toEqual([
      'warning: the receiver jidoka-shop posts here besides jidoka, which ALERTMANAGER_RECEIVER names',
    ]);
    expect(examine({ receivers, routes })[0]?.why).toMatch(
      /catches up only with alerts of jidoka:/,
    );
    expect(texts({ receivers, routes, expected: { receiver: 'jidoka-shop' } })[0]).toMatch(
      /^warning: the receiver jidoka posts here besides jidoka-shop/,
    );
    expect(texts({ receivers, routes, expected: { receiver: 'own' } })).toEqual([
      'wrong: ALERTMANAGER_RECEIVER is own, and the receivers jidoka and jidoka-shop post here',
    ]);
    expect(texts({ receivers, routes: [{ receiver: 'own' }] })[0]).toBe(
      'wrong: no route leads to the receivers jidoka and jidoka-shop',
    );
  });

  test('may have other webhooks: only those that post here are looked at', () => {
    const other = { url: 'http://pager/', send_resolved: false, max_alerts: 1, payload: 'a' };
    const webhook_configs = [other, ours];
    expect(texts({ receivers: [{ name: 'jidoka', webhook_configs }] })[0]).toMatch(/^ok/);
    const unseen = [{ ...other, url: '<secret>' }, { url: '<secret>' }];
    expect(texts({ receivers: [{ name: 'jidoka', webhook_configs: unseen }] })[0]).toMatch(/^ok/);
  });
});

describe('a receiver that calls as for Jenkins or docker-scaler', () => {
  const address = (path: string) => ({ url: `http://127.0.0.1:9095${path}`, send_resolved: false });
  const job = address('/jenkins/job/service-scale/buildWithParameters?token=T&service=web&scale=1');
  const scaler = address('/v1/scale-service');
  const routes = [{ receiver: 'up', match: { service: 'web', scale: 'up' } }];
  const calling = (webhook: object, more: Changes = {}) =>
    texts({
      receivers: [{ name: 'up', webhook_configs: [webhook] }],
      routes,
      ...more,
      expected: { receiver: undefined, ...more.expected },
    });
  const jobs =
    "note: its receiver up calls a Jenkins job's address: where that is Jidoka, each call becomes a command (docs/how-to/move-from-jenkins.md)";

  test('is no fault, alone or beside one that posts notifications', () => {
    expect(calling(job)).toEqual([jobs]);
    expect(calling(scaler)).toEqual([jobs.replace("a Jenkins job's", "docker-scaler's")]);
    expect(calling(address('/v1/reschedule-services'))[0]).toMatch(/^note/);
    const receivers = [
      { name: 'up', webhook_configs: [job] },
      { name: 'jidoka', webhook_configs: [ours] },
    ];
    const both = { receivers, routes: [{ receiver: 'jidoka', continue: true }, ...routes] };
    expect(texts(both)).toEqual([
      'ok: its receiver jidoka posts here, all alerts, resolved ones too',
      jobs,
    ]);
  });

  test('may be reached by no alert', () => {
    expect(calling(job, { routes: [{ receiver: 'own' }, ...routes] })).toEqual([
      jobs,
      'warning: no alert reaches the receiver up',
    ]);
  });

  test('may lack the token', () => {
    const token = { expected: { token: true } };
    expect(calling(job, token)).toEqual([jobs]);
    expect(calling(scaler, token)[1]).toMatch(/^warning: the receiver up sends no token/);
    const http_config = { authorization: { credentials: '<secret>' } };
    expect(calling({ ...scaler, http_config }, token)).toHaveLength(1);
  });

  test('does not stand for the receiver that ALERTMANAGER_RECEIVER names', () => {
    expect(calling(job, { expected: { receiver: 'jidoka' } })[0]).toBe(
      'wrong: there is no receiver jidoka, as ALERTMANAGER_RECEIVER has it',
    );
  });

  test('is not every webhook', () => {
    expect(calling(address('/generic-webhook-trigger/invoke?token=T'))).toEqual([
      'wrong: no receiver posts to /webhooks/alertmanager',
    ]);
  });
});

describe('routes to it', () => {
  const own = { receiver: 'own' };
  const jidoka = { receiver: 'jidoka' };
  const swallowed = [
    'wrong: no alert reaches the receiver jidoka: other routes take each one before or below its own',
  ];
  const allArrive = ['ok: its receiver jidoka posts here, all alerts, resolved ones too'];

  test('may be missing', () => {
    expect(texts({ routes: [] })).toEqual(['wrong: no route leads to the receiver jidoka']);
  });

  test.each([
    ['behind one that takes every alert', [own, jidoka], swallowed],
    [
      'behind one that takes every alert and continues',
      [{ ...own, continue: true }, jidoka],
      allArrive,
    ],
    [
      'behind one that takes every alert with a name',
      [{ ...own, matchers: ['alertname!=""'] }, jidoka],
      swallowed,
    ],
    [
      'behind one that takes every name',
      [{ ...own, match_re: { alertname: '.+' } }, jidoka],
      swallowed,
    ],
    [
      'behind two that take every alert between them',
      [{ ...own, matchers: ['a="b"'] }, { ...own, matchers: ['a!="b"'] }, jidoka],
      swallowed,
    ],
    ['above one that takes every alert away', [{ ...jidoka, routes: [own] }], swallowed],
    [
      'above one that takes every alert away and continues',
      [{ ...jidoka, routes: [{ ...own, continue: true }] }],
      swallowed,
    ],
    [
      'above two that take every alert away between them',
      [
        {
          ...jidoka,
          routes: [
            { ...own, match: { severity: 'warning' } },
            { ...own, match_re: { severity: '.*' } },
          ],
        },
      ],
      swallowed,
    ],
    [
      'under one whose matchers no alert of it fulfils',
      [{ ...own, matchers: ['a="b"'], routes: [{ ...jidoka, matchers: ['a="c"'] }] }],
      swallowed,
    ],
    [
      'above one that inherits it',
      [{ ...jidoka, routes: [{ match: { a: 'b' } }, { ...jidoka, match: { c: 'd' } }] }],
      allArrive,
    ],
  ])('may stand %s', (_, routes, expected) => {
    expect(texts({ routes })).toEqual(expected);
  });

  test.each([
    [
      'with matchers',
      [{ ...jidoka, matchers: ['severity="critical"'] }],
      'those with severity="critical"',
    ],
    [
      'behind one that takes some',
      [{ ...own, matchers: ['team="shop"'] }, jidoka],
      'those with team!="shop"',
    ],
    [
      'above one that takes some away',
      [{ ...jidoka, routes: [{ ...own, match: { a: 'b' } }] }],
      'those with a!="b"',
    ],
    [
      'nested',
      [{ matchers: ['team="shop"'], routes: [{ ...jidoka, matchers: ['a="b"'] }] }],
      'those with team="shop", a="b"',
    ],
    [
      'twice',
      [
        { ...jidoka, matchers: ['a="b"'] },
        { ...jidoka, matchers: ['c="d"'] },
      ],
      'those with a="b"; or a!="b", c="d"',
    ],
  ])('may get some alerts only: %s', (_, routes, which) => {
    expect(texts({ routes })).toEqual([
      `warning: only some alerts reach the receiver jidoka: ${which}`,
    ]);
  });

  test('may be too many to tell', () => {
    const many = Array.from({ length: 30 }, (_, at) => ({
      ...own,
      continue: true,
      matchers: [`a${at}="1"`, `b${at}="1"`],
    }));
    expect(texts({ routes: [{ ...jidoka, routes: many }] })[0]).toMatch(
      /^warning: only some .*: not those with/,
    );
    const endless = `(a|b)*a${'(a|b)'.repeat(14)}`;
    const unclear = [{ ...own, matchers: [`a=~"${endless}"`, `a!~"${endless}c*"`] }, jidoka];
    expect(texts({ routes: unclear })).toContainEqual(
      expect.stringMatching(/^note: whether every alert reaches the receiver jidoka could not be/),
    );
  });
});

describe('times of a route to it', () => {
  const always = [{ times: [{ start_time: '00:00', end_time: '24:00' }] }];
  const weekend = [{ weekdays: ['saturday', 'sunday'] }];
  const more = {
    time_intervals: [
      { name: 'always', time_intervals: always },
      { name: 'weekend', time_intervals: weekend },
      { name: 'strange', time_intervals: [{ moons: ['full'] }] },
    ],
    mute_time_intervals: [{ name: 'older', time_intervals: always }],
  };
  const route = { receiver: 'jidoka', continue: true };
  const muted = (times: string, now = ', and at this moment') =>
    `warning: routes to the receiver jidoka are muted at times (${times})${now}`;

  test.each([
    [{ mute_time_intervals: ['always'] }, muted('always')],
    [{ mute_time_intervals: ['older'] }, muted('older')],
    [{ mute_time_intervals: ['weekend'] }, muted('weekend', '')],
    [{ mute_time_intervals: ['weekend', 'always'] }, muted('weekend, always')],
    [{ active_time_intervals: ['weekend'] }, muted('weekend')],
    [{ active_time_intervals: ['always'] }, muted('always', '')],
    [{ active_time_intervals: ['weekend', 'always'] }, muted('weekend, always', '')],
    [{ active_time_intervals: ['strange'] }, muted('strange', '')],
    [{ mute_time_intervals: ['unknown'] }, muted('unknown', '')],
  ])('mute it: %j', (times, expected) => {
    expect(texts({ routes: [{ ...route, ...times }], more })).toEqual([expected]);
  });

  test('do nothing where they are empty, of another route, or another route brings the same alerts', () => {
    for (const routes of [
      [{ ...route, mute_time_intervals: [], active_time_intervals: [] }],
      [{ receiver: 'own', continue: true, mute_time_intervals: ['always'] }, route],
      [{ receiver: 'own', mute_time_intervals: ['always'], routes: [{ receiver: 'jidoka' }] }],
      [{ ...route, mute_time_intervals: ['always'] }, route],
    ]) {
      expect(texts({ routes, more })[0]).toMatch(/^ok/);
    }
  });

  test('may mute some alerts only, of those that arrive', () => {
    const critical = { ...route, matchers: ['severity="critical"'] };
    expect(
      texts({ routes: [critical, { ...route, mute_time_intervals: ['weekend'] }], more }),
    ).toEqual([muted('weekend', '')]);
    expect(texts({ routes: [{ ...critical, mute_time_intervals: ['weekend'] }], more })).toEqual([
      'warning: only some alerts reach the receiver jidoka: those with severity="critical"',
      muted('weekend', ''),
    ]);
  });
});

describe('a configuration', () => {
  test('without a receiver that posts here is wrong', () => {
    const elsewhere = { url: 'http://other/hook' };
    expect(texts({ webhook: elsewhere })).toEqual([
      'wrong: no receiver posts to /webhooks/alertmanager',
    ]);
    expect(texts({ webhook: elsewhere, expected: { receiver: 'nobody' } })).toEqual([
      'wrong: there is no receiver nobody, as ALERTMANAGER_RECEIVER has it',
    ]);
  });

  test('that hides addresses is looked at by the name of the receiver', () => {
    const webhook = { url: '<secret>', max_alerts: 7 };
    expect(texts({ webhook, expected: { receiver: undefined } })).toEqual([
      expect.stringMatching(/^note: it hides .* set ALERTMANAGER_RECEIVER/),
    ]);
    expect(texts({ webhook, expected: { receiver: 'jidoka' } })).toEqual([
      'wrong: the receiver jidoka has max_alerts: 7',
    ]);
  });

  test('that cannot be read is said to be unseen', () => {
    const strange = 'route: { receiver: a, matchers: ["a=~("] }\nreceivers: [{ name: a }]';
    for (const text of [null, '', 'route: [', '- a', 'null', 'route: {receiver: a}', strange]) {
      const [finding] = examineAlertmanagerConfig(text, expected);
      expect(finding).toEqual({ level: 'note', text: 'its configuration could not be seen' });
    }
  });
});

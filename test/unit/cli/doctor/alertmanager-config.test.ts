import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { Expected } from '../../../../src/cli/doctor/alertmanager.js';
import { examineAlertmanagerConfig } from '../../../../src/cli/doctor/alertmanager-config.js';

const expected: Expected = { receiver: 'jidoka', sendResolved: true, token: false };
const ours = { url: 'http://jidoka:9095/webhooks/alertmanager' };

interface Changes {
  readonly webhook?: object;
  readonly routes?: readonly object[];
  readonly expected?: Partial<Expected>;
}

/** What is found in a configuration whose receiver `jidoka` is all right but for these changes. */
function examine({ webhook = ours, routes = [{ receiver: 'jidoka' }], ...more }: Changes) {
  const config = stringify({
    route: { receiver: 'own', routes },
    receivers: [{ name: 'own' }, { name: 'jidoka', webhook_configs: [webhook] }],
  });
  return examineAlertmanagerConfig(config, { ...expected, ...more.expected });
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
    expect(texts({ webhook, expected: { sendResolved: false } })[0]).toMatch(/^ok/);
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
    const webhook = { ...ours, http_config: { authorization } };
    expect(texts({ ...token, webhook })[0]).toMatch(/^ok/);
  });

  test('ought to be named in ALERTMANAGER_RECEIVER', () => {
    expect(texts({ expected: { receiver: undefined } })).toEqual([
      'warning: ALERTMANAGER_RECEIVER is not set',
    ]);
  });

  test('is wrong where ALERTMANAGER_RECEIVER names another', () => {
    expect(texts({ expected: { receiver: 'own' } })).toEqual([
      'wrong: ALERTMANAGER_RECEIVER is own, and the receiver that posts here is jidoka',
    ]);
  });
});

describe('a route to it', () => {
  const unreached = ['wrong: no route leads to the receiver jidoka'];
  const own = { receiver: 'own' };

  test('may be missing', () => {
    expect(texts({ routes: [] })).toEqual(unreached);
  });

  test('may stand behind one that takes every alert', () => {
    expect(texts({ routes: [own, { receiver: 'jidoka' }] })).toEqual(unreached);
    expect(texts({ routes: [{ ...own, continue: true }, { receiver: 'jidoka' }] })[0]).toMatch(
      /^ok/,
    );
    const picky = { ...own, matchers: ['team="shop"'] };
    expect(texts({ routes: [picky, { receiver: 'jidoka' }] })[0]).toMatch(/^ok/);
  });

  test('may be nested, and hand its receiver down', () => {
    const nested = {
      matchers: ['team="shop"'],
      routes: [{ matchers: ['a="b"'], receiver: 'jidoka' }],
    };
    expect(texts({ routes: [nested] })[0]).toMatch(/^ok/);
    const above = { receiver: 'jidoka', routes: [own] };
    expect(texts({ routes: [above] })).toEqual(unreached);
    const handsAllOn = { receiver: 'jidoka', routes: [{ ...own, continue: true }] };
    expect(texts({ routes: [handsAllOn] })).toEqual(unreached);
    const inherits = { receiver: 'jidoka', routes: [{ ...own, match: { a: 'b' } }, {}] };
    expect(texts({ routes: [inherits] })[0]).toMatch(/^ok/);
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
    for (const text of [null, '', 'route: [', '- a', 'null', 'route: {receiver: a}']) {
      const [finding] = examineAlertmanagerConfig(text, expected);
      expect(finding).toEqual({ level: 'note', text: 'its configuration could not be seen' });
    }
  });
});

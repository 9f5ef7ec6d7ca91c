import { afterEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { examineAlertmanagers } from '../../src/cli/doctor/alertmanager.js';
import { examineSlack } from '../../src/cli/doctor/slack.js';
import type { Approvers } from '../../src/playbook/approvers.js';
import { createSlackSim } from '../../src/sim/slack.js';
import { slackScopes } from '../../src/slack/scopes.js';
import { documentBlock } from '../support/document.js';
import { lines, type Startable, startSim } from '../support/findings.js';
import { startAlertmanager } from '../support/parts/alertmanager.js';

/* What the doctor sees of Slack and of Alertmanager. */

const timeoutMs = 3_000;
const undo: (() => Promise<unknown>)[] = [];

const started = <Sim extends Startable>(sim: Sim) => startSim(sim, undo);

afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

describe('Slack', () => {
  const signingSecret = 'signing-secret';

  const appToken = 'xapp-hunter2';

  async function look(options: {
    readonly scopes?: readonly string[];
    readonly botToken?: string;
    readonly appToken?: string;
    readonly approvers?: Approvers;
    readonly bare?: boolean;
    readonly channel?: string;
  }) {
    const channels = [{ id: 'C1', name: 'ops' }];
    const { scopes = slackScopes.map(({ scope }) => scope) } = options;
    const sim = await started(
      createSlackSim({ botToken: 'hunter2', appToken, scopes, signingSecret, channels }),
    );
    const findings = await examineSlack({
      botToken: options.botToken ?? 'hunter2',
      apiUrl: sim.apiUrl(),
      channel: options.bare ? undefined : (options.channel ?? '#ops'),
      signingSecret: options.bare ? undefined : signingSecret,
      appToken: options.appToken,
      approvers: options.approvers,
      timeoutMs,
    });
    expect(JSON.stringify(findings)).not.toMatch(/hunter|signing-secret/);
    const socket = options.appToken === undefined ? [] : ['apps.connections.open'];
    const asked = ['auth.test', 'users.conversations', ...socket];
    expect(sim.calls.filter((call) => !asked.includes(call))).toEqual([]);
    return lines(findings);
  }

  test('a token that may do what is needed is all right, and nothing is posted', async () => {
    expect(await look({})).toEqual([
      'ok: the token is good: jidoka in simulated',
      `ok: its scopes hold ${slackScopes.map(({ scope }) => scope).join(', ')}`,
      'ok: the app is in #ops (C1)',
      'warning: no approvers are named in the policy',
    ]);
  });

  test('approvers are enough to say who may decide', async () => {
    const findings = await look({ approvers: { users: ['U1'], groups: [] } });
    expect(findings.join()).not.toContain('approvers');
  });

  test('an app-level token is tried, and one that Slack does not take is wrong', async () => {
    expect(await look({ appToken })).toContain('ok: Slack lets the app in over Socket Mode');
    expect(await look({ appToken: 'xapp-hunter3' })).toContain(
      'wrong: Slack: apps.connections.open: invalid_auth',
    );
  });

  test('a scope, a channel or a signing secret that is missing is named', async () => {
    expect(await look({ scopes: ['users:read'], bare: true })).toEqual([
      expect.stringMatching(/^ok/),
      'wrong: the token lacks the scope chat:write',
      'warning: the token lacks the scope channels:history',
      'warning: the token lacks the scope groups:history',
      'warning: the token lacks the scope channels:read',
      'warning: the token lacks the scope groups:read',
      'warning: the token lacks the scope usergroups:read',
      'warning: SLACK_CHANNEL is not set',
      'warning: neither SLACK_SIGNING_SECRET nor SLACK_APP_TOKEN is set',
    ]);
  });

  test('a channel that the app is not in is wrong', async () => {
    expect(await look({ channel: '#dev' })).toContain('wrong: the app is in no channel #dev');
  });

  test.each([
    ['by its id', { channel: 'C1' }],
    ['and the app may not know in which it is', { scopes: ['chat:write'] }],
  ])('a channel that is given %s is not asked about', async (_, options) => {
    expect(await look(options)).toContainEqual(
      expect.stringMatching(/^note: posting to .* was not tried/),
    );
  });

  test('a token that Slack refuses is wrong', async () => {
    expect(await look({ botToken: 'hunter3' })).toEqual(['wrong: Slack: auth.test: invalid_auth']);
  });
});

describe('Alertmanager', () => {
  const expected = { receiver: 'jidoka', sendResolved: true, token: true };

  test('a real one with the receiver of the README is all right; what is changed is named', async () => {
    const config = parse(documentBlock('README.md', 'yaml', 'webhook_configs'));
    const good = await startAlertmanager({ config });
    undo.push(good.stop);
    const [, receiver] = config.receivers;
    Object.assign(receiver.webhook_configs[0], { max_alerts: 10, send_resolved: false });
    const bad = await startAlertmanager({ config });
    undo.push(bad.stop);
    const urls = [
      good.url.replace('http://', 'http://ana:hunter2@'),
      bad.url,
      'http://127.0.0.1:4',
    ];
    const findings = await examineAlertmanagers({ urls, expected, timeoutMs });
    expect(lines(findings)).toEqual([
      expect.stringMatching(/^ok: version 0\.\d+\S* at http:\/\/127/),
      'ok: its receiver jidoka posts here, all alerts, resolved ones too',
      expect.stringMatching(/^ok: version/),
      'wrong: the receiver jidoka has send_resolved: false',
      'wrong: the receiver jidoka has max_alerts: 10',
      'wrong: Alertmanager http://127.0.0.1:4: connection refused (127.0.0.1:4)',
    ]);
    expect(JSON.stringify(findings)).not.toContain('hunter2');
  });
});

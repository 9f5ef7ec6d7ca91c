import { type Logger, LogLevel, WebClient } from '@slack/web-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSlackSim, type SlackSim } from '../../../src/sim/slack.js';
import { createManualClock, type ManualClock } from './manual-clock.js';

const silent: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
  setLevel() {},
  setName() {},
  getLevel: () => LogLevel.ERROR,
};

const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });

describe('the simulated Slack', () => {
  let clock: ManualClock;
  let slack: SlackSim;
  let client: WebClient;

  beforeEach(async () => {
    clock = createManualClock();
    slack = createSlackSim({
      clock,
      botToken: 'bot-token',
      scopes: ['chat:write', 'channels:read', 'users:read'],
      signingSecret: 'secret',
      channels: [
        { id: 'C1', name: 'ops' },
        { id: 'C2', name: 'payments' },
      ],
      users: [{ id: 'U1', name: 'ada' }],
      rateLimit: true,
    });
    await slack.start();
    client = clientOf(slack, 'bot-token');
  });

  afterEach(() => slack.stop());

  const failure = (promise: Promise<unknown>) =>
    promise.then(
      () => 'none',
      (error: { data?: { error: string } }) => error.data?.error,
    );

  it('takes a message to a channel by name or id, and answers with its id and time stamp', async () => {
    const byName = await client.chat.postMessage({ channel: '#ops', text: 'one' });
    clock.advance(1000);
    const byId = await client.chat.postMessage({ channel: 'C1', text: 'two' });

    expect(byName).toMatchObject({ ok: true, channel: 'C1', message: { text: 'one' } });
    expect(byName.ts).toMatch(/^\d{10}\.\d{6}$/);
    expect(slack.messages('ops').map(({ ts, text }) => [ts, text])).toEqual([
      [byName.ts, 'one'],
      [byId.ts, 'two'],
    ]);
  });

  it('gives ids to blocks and buttons that come without', async () => {
    const button = { type: 'button' as const, text: { type: 'plain_text' as const, text: 'Go' } };
    await client.chat.postMessage({
      channel: 'ops',
      text: 'x',
      blocks: [{ type: 'actions', elements: [button] }],
    });

    expect(slack.messages('ops')[0]?.blocks).toMatchObject([
      {
        block_id: expect.stringMatching(/./),
        elements: [{ action_id: expect.stringMatching(/./) }],
      },
    ]);
  });

  it('also takes a JSON body', async () => {
    const response = await fetch(`${slack.apiUrl()}chat.postMessage`, {
      method: 'POST',
      headers: {
        authorization: 'Bearer bot-token',
        'content-type': 'application/json; charset=utf-8',
      },
      body: JSON.stringify({ channel: 'C1', text: 'hello', blocks: [section('hello')] }),
    });

    expect(await response.json()).toMatchObject({ ok: true });
    expect(slack.messages('C1')[0]?.blocks).toMatchObject([section('hello')]);
  });

  it('keeps every revision of a message, and the old blocks when an update has none', async () => {
    const { ts } = await client.chat.postMessage({
      channel: 'C1',
      text: 'asked',
      blocks: [section('asked')],
    });
    clock.advance(5000);
    await client.chat.update({ channel: 'C1', ts: ts ?? '', text: 'answered' });
    await client.chat.update({ channel: 'C1', ts: ts ?? '', text: 'done', blocks: [] });

    const [message] = slack.messages('C1');
    expect(message?.revisions).toMatchObject([
      { text: 'asked', blocks: [section('asked')], at: clock.now() - 5000 },
      { text: 'answered', blocks: [section('asked')], at: clock.now() },
      { text: 'done', blocks: [], at: clock.now() },
    ]);
    expect(message).toMatchObject({ text: 'done', blocks: [] });
  });

  it('refuses what Slack refuses, with the error that Slack gives', async () => {
    const { ts = '' } = await client.chat.postMessage({ channel: 'C1', text: 'x' });
    clock.advance(1000);
    const update = (input: { channel: string; ts: string; text: string }) =>
      failure(client.chat.update(input));

    expect(await failure(client.chat.postMessage({ channel: '#nowhere', text: 'x' }))).toBe(
      'channel_not_found',
    );
    expect(await failure(client.chat.postMessage({ channel: 'C1', text: '' }))).toBe('no_text');
    expect(await update({ channel: 'C1', ts: '1.000001', text: 'x' })).toBe('message_not_found');
    expect(await update({ channel: 'C2', ts, text: 'x' })).toBe('message_not_found');
    expect(await update({ channel: '#ops', ts, text: 'x' })).toBe('channel_not_found');
    expect(await update({ channel: 'C1', ts, text: '&'.repeat(801) })).toBe('msg_too_long');
    clock.advance(1000);
    expect(
      await failure(client.chat.postMessage({ channel: 'C1', text: 'x'.repeat(40_001) })),
    ).toBe('msg_too_long');
    expect(await failure(clientOf(slack, 'other').auth.test())).toBe('invalid_auth');
    expect(await failure(clientOf(slack, '').auth.test())).toBe('not_authed');
    expect(await failure(client.apiCall('chat.shout'))).toBe('unknown_method');
    expect(slack.messages('C1')).toHaveLength(1);
  });

  it('names the place and the limit when blocks are refused', async () => {
    const error = await client.chat
      .postMessage({ channel: 'C1', text: 'x', blocks: [section('a'.repeat(3001))] })
      .catch((caught: { data: unknown }) => caught.data);

    expect(error).toMatchObject({
      error: 'invalid_blocks',
      response_metadata: {
        messages: ['[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]'],
      },
    });
    expect(slack.messages('C1')).toEqual([]);
  });

  it('says who it is, and knows its channels and users', async () => {
    expect(await client.auth.test()).toMatchObject({ ok: true, team_id: 'T0SIMULATED' });
    expect(await client.conversations.info({ channel: 'C2' })).toMatchObject({
      channel: { name: 'payments' },
    });
    expect(await client.users.info({ user: 'U1' })).toMatchObject({ user: { name: 'ada' } });
    expect(await failure(client.users.info({ user: 'U9' }))).toBe('user_not_found');
  });

  it('says what its token may do, and refuses what it may not', async () => {
    const answer = await client.auth.test();
    expect(answer.response_metadata?.scopes).toEqual(['chat:write', 'channels:read', 'users:read']);
    const narrow = createSlackSim({
      botToken: 'bot-token',
      scopes: ['users:read'],
      signingSecret: 'secret',
      channels: [{ id: 'C1', name: 'ops' }],
    });
    await narrow.start();
    const limited = clientOf(narrow, 'bot-token');
    expect(await failure(limited.chat.postMessage({ channel: 'C1', text: 'a' }))).toBe(
      'missing_scope',
    );
    expect(await failure(limited.conversations.info({ channel: 'C1' }))).toBe('missing_scope');
    expect((await limited.auth.test()).ok).toBe(true);
    await narrow.stop();
  });

  it('takes one message a second in each channel', async () => {
    await client.chat.postMessage({ channel: 'C1', text: 'one' });
    await client.chat.postMessage({ channel: 'C2', text: 'another channel' });

    await expect(client.chat.postMessage({ channel: 'C1', text: 'two' })).rejects.toMatchObject({
      code: 'slack_webapi_rate_limited_error',
      retryAfter: 1,
    });
    clock.advance(1000);
    await client.chat.postMessage({ channel: 'C1', text: 'two' });
    expect(slack.messages('C1')).toHaveLength(2);
  });

  it('fails as told, before or after the message is there', async () => {
    const method = 'chat.postMessage';
    const post = () => client.chat.postMessage({ channel: 'C1', text: 'x' });

    slack.failNext({ method, error: 'ratelimited' });
    await expect(post()).rejects.toMatchObject({ code: 'slack_webapi_rate_limited_error' });
    slack.failNext({ method, error: 'service_unavailable', status: 503 });
    await expect(post()).rejects.toMatchObject({ statusCode: 503 });
    slack.failNext({ method, hangMs: 0 });
    await expect(post()).rejects.toMatchObject({ code: 'slack_webapi_request_error' });
    expect(slack.messages('C1')).toEqual([]);

    slack.failNext({ method, hangMs: 60_000, afterApplying: true });
    await expect(post()).rejects.toMatchObject({ code: 'slack_webapi_request_error' });
    expect(slack.messages('C1')).toHaveLength(1);
    expect(slack.calls).toEqual([method, method, method, method]);
  });
});

function clientOf(slack: SlackSim, token: string): WebClient {
  return new WebClient(token, {
    slackApiUrl: slack.apiUrl(),
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: 2_000,
    logger: silent,
  });
}

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSlackSim, type SlackSim } from '../../../src/sim/slack.js';
import { header } from '../../../src/slack/blocks.js';
import { createSlack } from '../../../src/slack/client.js';
import { SlackError } from '../../../src/slack/error.js';

const botToken = 'xoxb-secret-token';
const message = { id: 'm1', text: 'hello', blocks: [header('hello')] };
let sim: SlackSim;
beforeEach(async () => {
  const channels = [{ id: 'C1', name: 'alerts' }];
  sim = createSlackSim({ botToken, signingSecret: 'secret', channels });
  await sim.start();
});
afterEach(() => sim.stop());

function client(differences: { botToken?: string; apiUrl?: string; timeoutMs?: number } = {}) {
  return createSlack({ botToken, apiUrl: sim.apiUrl(), timeoutMs: 5_000, ...differences });
}

/** How a call fails. */
async function failure(call: Promise<unknown>): Promise<SlackError> {
  const error: unknown = await call.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof SlackError)) throw error;
  return error;
}

it('says whose the token is and what it may do', async () => {
  expect(await client().check()).toEqual({
    team: 'simulated',
    user: 'jidoka',
    scopes: ['chat:write'],
  });
});

it('posts and replaces a message', async () => {
  const slack = client();
  const posted = await slack.post({ channel: '#alerts', ...message });
  await slack.update({ ...posted, text: 'bye', blocks: [header('bye')] });
  expect(posted.channel).toBe('C1');
  expect(sim.messages('alerts')).toMatchObject([
    { ts: posted.ts, text: 'bye', blocks: [{ text: { text: 'bye' } }] },
  ]);
});

it('knows the id of a channel by its name, however many there are', async () => {
  await sim.stop();
  const many = Array.from({ length: 450 }, (_, index) => ({
    id: `C${index}`,
    name: `c-${index}`,
    isPrivate: index % 2 === 0,
  }));
  const scopes = ['channels:read', 'groups:read'];
  sim = createSlackSim({ botToken, scopes, signingSecret: 'secret', channels: many });
  await sim.start();
  expect(await client().channelId('#c-0')).toBe('C0');
  expect(await client().channelId('C-449')).toBe('C449');
  expect(await client().channelId('#c-450')).toBeNull();
});

describe('a call that fails', () => {
  it('is refused where only a person can mend it', async () => {
    const unknown = await failure(client().post({ channel: '#nowhere', ...message }));
    expect(unknown).toMatchObject({ kind: 'refused', code: 'channel_not_found' });
    expect(unknown.message).toBe('Slack: chat.postMessage to #nowhere: channel_not_found');
    const stranger = await failure(client({ botToken: 'xoxb-wrong' }).check());
    expect(stranger).toMatchObject({ kind: 'refused', code: 'invalid_auth' });
    const nowhere = await failure(client({ apiUrl: sim.apiUrl().replace('api', 'no') }).check());
    expect(nowhere).toMatchObject({ kind: 'refused', code: 'http_404' });
  });

  it('says what is wrong with blocks', async () => {
    const blocks = [
      { type: 'section', text: { type: 'mrkdwn', text: '', verbatim: true } },
    ] as const;
    const refused = await failure(client().post({ channel: 'C1', id: 'm1', text: 'x', blocks }));
    expect(refused).toMatchObject({ kind: 'refused', code: 'invalid_blocks' });
    expect(refused.message).toContain('json-pointer:/blocks/0/text/text');
  });

  it('is told how long to wait, and waits for nobody itself', async () => {
    sim.failNext({ method: 'chat.postMessage', error: 'ratelimited' });
    const limited = await failure(client().post({ channel: 'C1', ...message }));
    expect(limited).toMatchObject({ kind: 'rate_limited', retryAfterMs: 1_000 });
    expect(sim.calls).toEqual(['chat.postMessage']);
  });

  it.each([
    ['an error of its own', { error: 'internal_error' }],
    ['HTTP 503', { error: 'service_unavailable', status: 503 }],
    ['a cut connection', { hangMs: 0 }],
    ['silence', { hangMs: 60_000 }],
  ])('counts as unavailable after %s, and is tried once', async (_, fault) => {
    sim.failNext({ method: 'auth.test', ...fault });
    const error = await failure(client({ timeoutMs: 2_000 }).check());
    expect(error.kind).toBe('unavailable');
    expect(sim.calls).toEqual(['auth.test']);
  });

  it('counts as unavailable where Slack cannot be reached', async () => {
    await sim.stop();
    const error = await failure(client().check());
    expect(error.kind).toBe('unavailable');
    expect(error.message).toContain('connection refused');
  });

  it('counts as unavailable where something else answers, and does not repeat its page', async () => {
    const proxy = createServer((_, response) => response.end('<html>please log in</html>'));
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const { port } = proxy.address() as AddressInfo;
    const error = await failure(client({ apiUrl: `http://127.0.0.1:${port}/api/` }).check());
    proxy.closeAllConnections();
    proxy.close();
    expect(error).toMatchObject({ kind: 'unavailable' });
    expect(error.message).toBe('Slack: auth.test: the answer is not JSON');
  });

  it('never tells the token, not even one that is no header', async () => {
    const broken = 'xoxb-first\nxoxb-second';
    const error = await failure(client({ botToken: broken }).check());
    expect(error.message).toContain('[token]');
    expect(`${error.message}${error.stack}${JSON.stringify(error)}`).not.toMatch(/first|second/);
    expect(error.cause).toBeUndefined();
  });
});

import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSlackSim, type SlackSim } from '../../../../src/sim/slack.js';
import { createManualClock } from '../manual-clock.js';

/* Threads, metadata and history of the simulated Slack, as strict as the original. */

const botToken = 'xoxb-test';
const clock = createManualClock();
let sim: SlackSim;
beforeEach(async () => {
  const scopes = ['chat:write', 'channels:history'];
  const channels = [
    { id: 'C1', name: 'alerts' },
    { id: 'C2', name: 'secret', isPrivate: true },
  ];
  sim = createSlackSim({ botToken, scopes, signingSecret: 'secret', channels, clock });
  await sim.start();
});
afterEach(() => sim.stop());

interface Answer {
  readonly ok: boolean;
  readonly error?: string;
  readonly needed?: string;
  readonly ts: string;
  readonly messages: readonly { readonly ts: string; readonly metadata?: object }[];
}

async function call(method: string, body: object): Promise<Answer> {
  clock.advance(1_000);
  const response = await fetch(`${sim.apiUrl()}${method}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${botToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return (await response.json()) as Answer;
}

const post = (body: object) => call('chat.postMessage', { channel: 'C1', text: 'x', ...body });

test('a reply stands in the history of its channel only where it is shown there', async () => {
  const { ts } = await post({});
  await post({ thread_ts: ts });
  const shown = await post({ thread_ts: ts, reply_broadcast: true });
  const history = await call('conversations.history', { channel: 'C1' });
  expect(history.messages.map((message) => message.ts)).toEqual([shown.ts, ts]);
  const replies = await call('conversations.replies', { channel: 'C1', ts });
  expect(replies.messages).toHaveLength(3);
});

test.each([
  ['to no message', '1.000001', 'thread_not_found'],
  ['with a time stamp that is none', 'yesterday', 'invalid_thread_ts'],
])('a reply %s is refused', async (_, threadTs, error) => {
  expect(await post({ thread_ts: threadTs })).toMatchObject({ ok: false, error });
});

test('a reply to a reply is refused', async () => {
  const { ts } = await post({});
  const reply = await post({ thread_ts: ts });
  expect(await post({ thread_ts: reply.ts })).toMatchObject({ error: 'cannot_reply_to_message' });
});

test('metadata is given out where it is asked for, and refused where it is malformed', async () => {
  const metadata = { event_type: 'sample', event_payload: { id: 'a' } };
  await post({ metadata });
  const asked = { channel: 'C1', include_all_metadata: true };
  expect((await call('conversations.history', asked)).messages).toMatchObject([{ metadata }]);
  const plain = await call('conversations.history', { channel: 'C1' });
  expect(plain.messages[0]).not.toHaveProperty('metadata');
  for (const wrong of ['{', { event_type: 'a b', event_payload: {} }, { event_type: 'a' }]) {
    expect(await post({ metadata: wrong })).toMatchObject({ error: 'invalid_metadata_format' });
  }
  const large = { event_type: 'a', event_payload: { id: 'x'.repeat(20_000) } };
  expect(await post({ metadata: large })).toMatchObject({ error: 'metadata_too_large' });
});

test('the history of a private channel needs a scope of its own', async () => {
  expect(await call('conversations.history', { channel: 'C2' })).toMatchObject({
    error: 'missing_scope',
    needed: 'groups:history',
  });
});

test('history is given out page by page, within the times asked for', async () => {
  const posted: string[] = [];
  for (let count = 0; count < 5; count += 1) posted.push((await post({})).ts);
  const [, second, , fourth] = posted;
  const asked = { channel: 'C1', oldest: second, latest: fourth, limit: 2 };
  const first = await call('conversations.history', { ...asked, inclusive: true });
  expect(first).toMatchObject({ has_more: true, response_metadata: { next_cursor: '2' } });
  const rest = await call('conversations.history', { ...asked, inclusive: true, cursor: '2' });
  expect([...first.messages, ...rest.messages]).toHaveLength(3);
  expect((await call('conversations.history', asked)).messages).toHaveLength(1);
  expect(await call('conversations.history', { channel: 'C1', limit: 1_000 })).toMatchObject({
    error: 'invalid_limit',
  });
});

import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSlackSim, type SlackSim } from '../../../../src/sim/slack.js';
import { createManualClock, type ManualClock } from '../manual-clock.js';

const user = { id: 'U1', name: 'ada' };

describe('a click in the simulated Slack', () => {
  let clock: ManualClock;
  let slack: SlackSim;
  let app: Server;
  let url: string;
  let received: { headers: Record<string, unknown>; body: string }[];
  let acknowledge: boolean;
  let ts: string;

  beforeEach(async () => {
    clock = createManualClock();
    slack = createSlackSim({
      clock,
      botToken: 'bot-token',
      signingSecret: 'secret',
      channels: [{ id: 'C1', name: 'ops' }],
    });
    await slack.start();
    received = [];
    acknowledge = true;
    app = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      received.push({ headers: request.headers, body });
      if (acknowledge) response.end('noted');
    });
    await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(app.address() as AddressInfo).port}/slack/interactions`;
    ts = await post();
  });

  afterEach(async () => {
    await slack.stop();
    app.closeAllConnections();
    await new Promise((resolve) => app.close(resolve));
  });

  async function call(method: string, params: object): Promise<Record<string, unknown>> {
    const response = await fetch(`${slack.apiUrl()}${method}`, {
      method: 'POST',
      headers: { authorization: 'Bearer bot-token', 'content-type': 'application/json' },
      body: JSON.stringify(params),
    });
    return (await response.json()) as Record<string, unknown>;
  }

  async function post(): Promise<string> {
    const button = (block: string, value: string) => ({
      type: 'actions',
      block_id: block,
      elements: [
        {
          type: 'button',
          action_id: 'approve',
          text: { type: 'plain_text', text: 'Approve' },
          value,
          style: 'primary',
        },
      ],
    });
    const blocks = [button('first', 'e-1'), button('second', 'e-2')];
    return String((await call('chat.postMessage', { channel: 'C1', text: 'May I?', blocks })).ts);
  }

  const click = (more: object = {}) =>
    slack.click({
      channel: 'C1',
      ts,
      actionId: 'approve',
      blockId: 'first',
      user,
      url,
      ...more,
    });

  const payload = () =>
    JSON.parse(new URLSearchParams(received.at(-1)?.body).get('payload') ?? '{}');

  const signatureOf = (secret: string) => {
    const { headers, body } = received.at(-1) ?? { headers: {}, body: '' };
    const signed = `v0:${headers['x-slack-request-timestamp']}:${body}`;
    return `v0=${createHmac('sha256', secret).update(signed).digest('hex')}`;
  };

  it('sends the payload of the button, signed, and returns the answer', async () => {
    const answer = await click();

    expect(answer).toMatchObject({ status: 200, body: 'noted' });
    expect(answer.elapsedMs).toBeLessThan(3000);
    expect(payload()).toMatchObject({
      type: 'block_actions',
      user: { id: 'U1', username: 'ada', team_id: 'T0SIMULATED' },
      team: { id: 'T0SIMULATED' },
      container: { type: 'message', message_ts: ts, channel_id: 'C1' },
      channel: { id: 'C1', name: 'ops' },
      message: { ts, text: 'May I?', blocks: [{ block_id: 'first' }, { block_id: 'second' }] },
      response_url: answer.responseUrl,
      actions: [
        {
          type: 'button',
          action_id: 'approve',
          block_id: 'first',
          value: 'e-1',
          text: { type: 'plain_text', text: 'Approve' },
        },
      ],
    });
    expect(received[0]?.headers).toMatchObject({
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': String(clock.now() / 1000),
      'x-slack-signature': signatureOf('secret'),
    });
  });

  it('can come from a user of another workspace', async () => {
    await click({ user: { ...user, teamId: 'T9' } });

    expect(payload()).toMatchObject({ user: { team_id: 'T9' }, team: { id: 'T9' } });
  });

  it('can carry a forged signature, or an old time stamp that is truly signed', async () => {
    await click({ forge: { signature: 'v0=00' } });
    expect(received.at(-1)?.headers).toMatchObject({ 'x-slack-signature': 'v0=00' });

    await click({ forge: { timestampS: 1_000_000_000 } });
    expect(received.at(-1)?.headers).toMatchObject({
      'x-slack-request-timestamp': '1000000000',
      'x-slack-signature': signatureOf('secret'),
    });
  });

  it('is impossible where the message has no such button any more', async () => {
    await expect(click({ actionId: 'deny' })).rejects.toThrow('has no button deny');
    await expect(click({ blockId: undefined })).rejects.toThrow('name its block');

    await call('chat.update', { channel: 'C1', ts, text: 'Approved by Ada.', blocks: [] });
    await expect(click()).rejects.toThrow('has no button approve');
    expect(received).toEqual([]);
  });

  it('fails when the app does not acknowledge it within three seconds', async () => {
    acknowledge = false;

    await expect(click()).rejects.toThrow('not acknowledged within 3000 ms');
  });

  const respond = (responseUrl: string, body: object) =>
    fetch(responseUrl, { method: 'POST', body: JSON.stringify(body) });

  it('lets the app tell the person something five times', async () => {
    const { responseUrl } = await click();
    for (let time = 1; time <= 5; time += 1) {
      expect((await respond(responseUrl, { text: `Note ${time}` })).status).toBe(200);
    }
    const sixth = await respond(responseUrl, { text: 'Too much' });

    expect(sixth.status).toBe(404);
    expect(await sixth.json()).toEqual({ ok: false, error: 'used_url' });
    expect(slack.ephemerals).toHaveLength(5);
    expect(slack.ephemerals[0]).toMatchObject({ channel: 'C1', user: 'U1', text: 'Note 1' });
  });

  it('lets the app answer for thirty minutes', async () => {
    const { responseUrl } = await click();
    clock.advance(30 * 60 * 1000);
    expect((await respond(responseUrl, { text: 'Just in time' })).status).toBe(200);
    clock.advance(1);

    const late = await respond(responseUrl, { text: 'Too late' });
    expect(await late.json()).toEqual({ ok: false, error: 'expired_url' });
    expect(slack.ephemerals).toHaveLength(1);
  });

  it('lets the app replace or delete the message, or post another', async () => {
    const { responseUrl } = await click();
    await respond(responseUrl, { text: 'Approved', blocks: [], replace_original: true });
    await respond(responseUrl, { text: 'By the way', response_type: 'in_channel' });
    expect(slack.messages('ops').map(({ text }) => text)).toEqual(['Approved', 'By the way']);

    await respond(responseUrl, { delete_original: true });
    expect(slack.messages('ops').map(({ text }) => text)).toEqual(['By the way']);
    expect(slack.ephemerals).toEqual([]);
  });
});

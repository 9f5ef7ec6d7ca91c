import { request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { ReceiverParts } from '../../src/api/receiver.js';
import { clickValue } from '../../src/escalation/click.js';
import { createLogger } from '../../src/lib/logger.js';
import { connectForRequests } from '../../src/queue/connection.js';
import { createQueues } from '../../src/queue/queues.js';
import { createSlackSim } from '../../src/sim/slack.js';
import { untilPasses } from '../support/eventually.js';
import { startRedis } from '../support/parts/redis.js';
import { atMs, choices, escalate, startReceiver } from '../support/receiver.js';

const notification = {
  version: '4',
  groupKey: '{}',
  receiver: 'jidoka',
  status: 'firing',
  alerts: [],
};

describe('over the wire', () => {
  async function listen(overrides: Partial<ReceiverParts> = {}) {
    const { receiver, ledger } = startReceiver(overrides);
    const port = await new Promise<number>((resolve) => {
      const server = serve({ fetch: receiver.fetch, port: 0, hostname: '127.0.0.1' }, (info) =>
        resolve((info as AddressInfo).port),
      );
      onTestFinished(() => new Promise<void>((closed) => void server.close(() => closed())));
    });
    return { port, url: `http://127.0.0.1:${port}`, ledger };
  }

  it('a plain client posts a notification', async () => {
    const { url } = await listen();
    const body = JSON.stringify(notification);
    const answer = await fetch(`${url}/webhooks/alertmanager`, { method: 'POST', body });
    expect([answer.status, await answer.json()]).toEqual([200, { status: 'queued', alerts: 0 }]);
  });

  it('a body that never ends is refused while it comes', async () => {
    const enqueuePosted = vi.fn(async () => {});
    const { port } = await listen({ enqueuePosted });
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const path = '/webhooks/alertmanager';
      const sent = httpRequest({ port, host: '127.0.0.1', path, method: 'POST' }, (response) => {
        response.resume();
        resolve(response.statusCode);
        sent.destroy();
      });
      sent.on('error', reject);
      const chunk = Buffer.alloc(1024 * 1024, ' ');
      const more = () => sent.write(chunk, () => setImmediate(more));
      more();
    });
    expect(status).toBe(413);
    expect(enqueuePosted).not.toHaveBeenCalled();
  });

  it('without a token, callers of this machine are let in under its own name only', async () => {
    const { port } = await listen({ adminToken: undefined });
    const statusFor = (host: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        const options = { port, host: '127.0.0.1', path: '/api/v1/runs', headers: { host } };
        httpRequest(options, (response) => {
          response.resume();
          resolve(response.statusCode);
        })
          .on('error', reject)
          .end();
      });
    expect(await statusFor(`127.0.0.1:${port}`)).toBe(200);
    expect(await statusFor(`evil.example:${port}`)).toBe(403);
  });

  it('two people click in Slack: the first decides, the second is told so', async () => {
    const slackSigningSecret = 'signing-secret';
    const { url, ledger } = await listen({ slackSigningSecret });
    const { id } = await escalate(ledger, atMs);
    const slack = createSlackSim({
      botToken: 'bot',
      signingSecret: slackSigningSecret,
      channels: [{ id: 'C1', name: 'ops' }],
    });
    await slack.start();
    onTestFinished(() => slack.stop());
    await fetch(`${slack.apiUrl()}chat.postMessage`, {
      method: 'POST',
      headers: { authorization: 'Bearer bot', 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify({
        channel: 'C1',
        text: 'slow',
        blocks: [
          {
            type: 'actions',
            elements: choices.map(({ id: choiceId, label }) => ({
              type: 'button',
              action_id: choiceId,
              text: { type: 'plain_text', text: label },
              value: clickValue(id, choiceId),
            })),
          },
        ],
      }),
    });
    const ts = slack.messages('C1')[0]?.ts ?? '';
    const click = (actionId: string, userId: string, name: string) =>
      slack.click({
        channel: 'C1',
        ts,
        actionId,
        user: { id: userId, name },
        url: `${url}/slack/interactions`,
      });
    expect(await click('ack', 'U1', 'ana')).toMatchObject({ status: 200, body: '' });
    expect(await click('dismiss', 'U2', 'bo')).toMatchObject({ status: 200, body: '' });
    expect((await ledger.escalation(id))?.value.answer).toMatchObject({
      choiceId: 'ack',
      by: 'ana (U1)',
    });
    await untilPasses(() => expect(slack.ephemerals).toHaveLength(1));
    expect(slack.ephemerals[0]).toMatchObject({
      user: 'U2',
      text: expect.stringContaining('ana (U1) chose "Acknowledge"'),
    });
  });
});

describe('while Redis is gone', () => {
  it('a notification is 503 until Redis takes it again', async () => {
    // with everysec Redis puts writes off while the disk is busy, and a killed one has lost them
    const server = await startRedis({ appendfsync: 'always' });
    onTestFinished(() => server.stop());
    const redis = connectForRequests(server.url, 'receiver');
    redis.on('error', () => {});
    await redis.connect();
    const queues = createQueues({
      connection: redis,
      cell: 'receiver',
      log: createLogger('silent'),
    });
    const { receiver, call } = startReceiver({ redis, enqueuePosted: queues.enqueuePosted });
    const post = async () =>
      (
        await receiver.request('/webhooks/alertmanager', {
          method: 'POST',
          body: JSON.stringify(notification),
        })
      ).status;
    const waiting = async () =>
      (await queues.counts()).find(({ queue, state }) => queue === 'intake' && state === 'wait');

    expect(await post()).toBe(200);
    process.kill(server.pid ?? Number.NaN, 'SIGKILL');
    await untilPasses(async () => expect(await post()).toBe(503));
    expect((await call('alerts')).status).toBe(503);
    await server.restart();
    await untilPasses(async () => expect(await post()).toBe(200));
    expect((await waiting())?.count).toBe(2);
  });
});

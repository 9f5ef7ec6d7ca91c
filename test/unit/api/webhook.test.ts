import { describe, expect, it } from 'vitest';
import { OverloadedError } from '../../../src/queue/group-commit.js';
import { cpuMs } from '../../support/cpu-ms.js';
import { createManualClock } from '../sim/manual-clock.js';
import { createFakeReceiver, type FakeReceiver, from, secret } from './fake-parts.js';

const url = '/webhooks/alertmanager';
const notification = {
  version: '4',
  groupKey: '{}:{alertname="ServiceSlow"}',
  receiver: 'jidoka',
  status: 'firing',
  alerts: [{ anything: 'at all' }, 'broken'],
};

async function post(
  { receiver }: FakeReceiver,
  body: unknown,
  headers: Record<string, string> = {},
) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await receiver.request(url, { method: 'POST', body: text, headers });
  const answer = (await response.json()) as { error: string; path?: string };
  return { status: response.status, headers: response.headers, body: answer };
}

describe('a notification', () => {
  it('is answered with 200 only after the queue has it', async () => {
    let store = () => {};
    const stored = new Promise<void>((resolve) => {
      store = resolve;
    });
    const fake = createFakeReceiver({ enqueuePosted: () => stored });
    let answered = false;
    const answer = post(fake, notification).finally(() => {
      answered = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(answered).toBe(false);
    store();
    expect((await answer).status).toBe(200);
  });

  it('goes into the queue with the time of its receipt, its alerts as they came', async () => {
    const fake = createFakeReceiver();
    const { body } = await post(fake, { ...notification, added_in_0_40: true });
    expect(body).toEqual({ status: 'queued', alerts: 2 });
    expect(fake.queued).toMatchObject([
      {
        source: 'alertmanager',
        receivedAtMs: Date.parse('2026-01-01T00:00:00Z'),
        notification: { groupKey: notification.groupKey, alerts: notification.alerts },
      },
    ]);
    expect(await fake.outcomes()).toEqual({ accepted: 1 });
  });

  it('is 503 when the queue does not take it, and the answer does not say with what it failed', async () => {
    const fake = createFakeReceiver({
      enqueuePosted: () => Promise.reject(Object.assign(new Error('refused'), { args: [secret] })),
    });
    const { status, headers, body } = await post(fake, notification);
    expect(status).toBe(503);
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect(body.error).toMatch(/send it again/);
    expect(JSON.stringify(body)).not.toContain('refused');
    expect(fake.logged.join()).toContain('refused');
    expect(fake.logged.join()).not.toContain(secret);
    expect(await fake.outcomes()).toEqual({ unavailable: 1 });
  });

  it('is 503 when too much waits, which is counted each time and not logged each time', async () => {
    const clock = createManualClock();
    const fake = createFakeReceiver({
      enqueuePosted: () => Promise.reject(new OverloadedError('too much waits')),
      clock,
    });
    for (let count = 0; count < 3; count += 1) {
      const { status, headers } = await post(fake, notification);
      expect(status).toBe(503);
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    }
    expect(await fake.outcomes()).toEqual({ overloaded: 3 });
    expect(fake.logged).toHaveLength(1);
    expect(fake.logged.join()).toContain('too much waits');
    clock.advance(10_000);
    await post(fake, notification);
    expect(fake.logged).toHaveLength(2);
  });

  it('is 503 when anything else fails unexpectedly', async () => {
    const now = () => {
      throw new Error('no clock');
    };
    const fake = createFakeReceiver({ clock: { now } });
    expect((await post(fake, notification)).status).toBe(503);
    expect(await fake.outcomes()).toEqual({ unavailable: 1 });
  });

  it.each([
    ['{"version":', 'body', /at character 11/, 'not_json'],
    [{ ...notification, alerts: undefined }, 'alerts', /setting "payload"/, 'not_v4'],
    ['a text of its own', 'body', /setting "payload"/, 'not_json'],
    [{ ...notification, alerts: {} }, 'alerts', /a list/, 'not_v4'],
    [[notification], 'body', /a JSON object/, 'not_v4'],
  ])('%j is 400 with the path of the fault', async (sent, path, message, outcome) => {
    const fake = createFakeReceiver();
    const { status, body } = await post(fake, sent);
    expect({ status, path: body.path }).toEqual({ status: 400, path });
    expect(body.error).toMatch(message);
    expect(fake.queued).toEqual([]);
    expect(await fake.outcomes()).toEqual({ [outcome]: 1 });
    expect(fake.logged).toHaveLength(1);
  });

  it('of 32 MiB is taken, and one of more is 413', async () => {
    const fake = createFakeReceiver();
    const text = JSON.stringify(notification);
    const limit = 32 * 1024 * 1024;
    expect((await post(fake, text.padEnd(limit))).status).toBe(200);
    expect((await post(fake, text.padEnd(limit + 1))).status).toBe(413);
    expect(await fake.outcomes()).toEqual({ accepted: 1, too_large: 1 });
  });
});

describe('with a token', () => {
  const webhookToken = 'w-token';

  it('takes it as a bearer token and as the password of basic authentication', async () => {
    const fake = createFakeReceiver({ webhookToken });
    const basic = `Basic ${Buffer.from('alertmanager:w-token').toString('base64')}`;
    for (const authorization of ['Bearer w-token', basic]) {
      expect((await post(fake, notification, { authorization })).status).toBe(200);
    }
  });

  it('refuses everybody else, says how to present it, and shows nobody what was presented', async () => {
    const fake = createFakeReceiver({ webhookToken });
    for (const authorization of ['', 'Bearer guessed-token']) {
      const { status, headers, body } = await post(fake, notification, { authorization });
      expect(status).toBe(401);
      expect(headers.get('www-authenticate')).toMatch(/^Bearer .*Basic /);
      expect(body.error).toContain('JIDOKA_WEBHOOK_TOKEN');
    }
    expect(fake.queued).toEqual([]);
    expect(await fake.outcomes()).toEqual({ unauthorized: 2 });
    expect(fake.logged).toHaveLength(2);
    expect(fake.logged.join()).not.toMatch(/guessed|w-token|ServiceSlow/);
  });

  it('logs where a refused notification came from', async () => {
    const fake = createFakeReceiver({ webhookToken });
    await fake.receiver.request(url, { method: 'POST', body: '{}' }, from('203.0.113.7'));
    expect(fake.logged.join()).toContain('203.0.113.7');
  });
});

describe('without a token', () => {
  it.each([{ origin: 'https://evil.example' }, { 'sec-fetch-site': 'cross-site' }])(
    'a web page (%j) cannot post',
    async (headers) => {
      const fake = createFakeReceiver();
      const { status, body } = await post(fake, notification, headers);
      expect(status).toBe(403);
      expect(body.error).toContain('JIDOKA_WEBHOOK_TOKEN');
      expect(fake.queued).toEqual([]);
      expect(await fake.outcomes()).toEqual({ unauthorized: 1 });
    },
  );
});

describe('a large notification', () => {
  const good = { status: 'firing', labels: { alertname: 'Slow' } };

  it('that is nested without end is refused before it is read', async () => {
    const fake = createFakeReceiver();
    const took = await cpuMs(async () => {
      const { status, body } = await post(fake, '['.repeat(20_000_000));
      expect([status, body.error]).toEqual([400, expect.stringContaining('levels of nesting')]);
    });
    expect(took).toBeLessThan(1_500);
  });

  it.each([
    ['alerts that are none', [good, ...Array.from({ length: 2_000_000 }, () => 1)]],
    ['alerts without labels', [good, ...Array.from({ length: 100_000 }, () => ({ status: 'x' }))]],
    ['an alert of megabytes that cannot be read', [good, { labels: { a: ['x'.repeat(5e6)] } }]],
  ])(
    'of %s lies in the queue as no more than its readable ones and a beginning',
    async (_, alerts) => {
      const fake = createFakeReceiver();
      const { status } = await post(fake, { ...notification, alerts });
      expect(status).toBe(200);
      const [queued] = fake.queued;
      expect(queued?.notification.alerts[0]).toEqual(good);
      expect(JSON.stringify(queued).length).toBeLessThan(2_000_000);
      const { alerts: taken, leftOut = 0 } = queued?.notification ?? { alerts: [] };
      expect(taken.length + leftOut).toBe(alerts.length);
    },
  );

  it('that can be read goes into the queue as it was posted', async () => {
    const fake = createFakeReceiver();
    const alerts = Array.from({ length: 2_000 }, (_, number) => ({
      ...good,
      annotations: { summary: 'x'.repeat(1_000) },
      extra: number,
    }));
    expect((await post(fake, { ...notification, alerts })).status).toBe(200);
    expect(fake.queued[0]?.notification.alerts).toEqual(alerts);
  });
});

import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AnswerResult } from '../../../src/engine/people/answer-result.js';
import { clickValue } from '../../../src/escalation/click.js';
import { createSimServer, type SimReply, type SimSilence } from '../../../src/sim/http.js';
import { untilPasses } from '../../support/eventually.js';
import {
  createAnswered,
  createEscalation,
  createFakeReceiver,
  type FakeReceiver,
  secret,
} from '../api/fake-parts.js';

const slackSigningSecret = 'signing-secret';
const timestamp = String(Date.parse('2026-01-01T00:00:00Z') / 1_000);

async function send({ receiver }: FakeReceiver, body: string, signature?: string) {
  const hmac = createHmac('sha256', slackSigningSecret).update(`v0:${timestamp}:${body}`);
  const response = await receiver.request('/slack/interactions', {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': signature ?? `v0=${hmac.digest('hex')}`,
    },
    body,
  });
  return { status: response.status, text: await response.text() };
}

function form(payload: unknown): string {
  return new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
}

function click(responseUrl: string, change: Record<string, unknown> = {}) {
  return form({
    type: 'block_actions',
    user: { id: 'U123', username: 'ana', name: 'ana', team_id: 'T1' },
    actions: [{ type: 'button', action_id: 'up', value: clickValue('esc1', 'up') }],
    response_url: responseUrl,
    ...change,
  });
}

describe('a click', () => {
  const told: Record<string, unknown>[] = [];
  let reply: SimReply | SimSilence;
  const slack = createSimServer({
    handle({ body }) {
      told.push(JSON.parse(body));
      return reply;
    },
  });
  let responseUrl: string;

  beforeAll(async () => {
    await slack.start();
    responseUrl = `${slack.url()}/actions/T1/capability`;
  });
  afterAll(() => slack.stop());
  beforeEach(() => {
    told.length = 0;
    reply = { status: 200, body: 'ok' };
  });

  it('is taken as an answer in the name of whoever clicked, and acknowledged with nothing', async () => {
    const fake = createFakeReceiver({ slackSigningSecret });
    expect(await send(fake, click(responseUrl))).toEqual({ status: 200, text: '' });
    expect(fake.answers).toEqual([
      {
        id: 'esc1',
        choiceId: 'up',
        person: { via: 'slack', id: 'U123', team: 'T1', name: 'ana' },
      },
    ]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(told).toEqual([]);
  });

  const failures: [string, () => Promise<AnswerResult>, RegExp][] = [
    [
      'too late',
      async () => ({ kind: 'too_late', escalation: createAnswered() }),
      /^Your click came too late.* \(U2\) chose "Dismiss" on 2026-01-31 at 08:15:30 UTC/,
    ],
    [
      'on a choice that is gone',
      async () => ({ kind: 'unknown_choice', choices: createEscalation().choices ?? [] }),
      /Choose one of: "One more", "Dismiss"\.$/,
    ],
    [
      'of somebody who may not decide',
      async () => ({ kind: 'not_allowed', why: 'only <!channel> may decide.' }),
      /^Your click changed nothing: only &lt;/,
    ],
    [
      'on a question that is gone',
      async () => ({ kind: 'unknown_escalation' }),
      /^Jidoka no longer has this question/,
    ],
    [
      'that Redis did not take',
      () => Promise.reject(Object.assign(new Error('Connection is closed.'), { args: [secret] })),
      /^Jidoka could not record your click\. Click again/,
    ],
  ];

  it.each(failures)('%s is acknowledged, and only its clicker is told', async (_, answer, text) => {
    const fake = createFakeReceiver({ slackSigningSecret, answer });
    expect(await send(fake, click(responseUrl))).toEqual({ status: 200, text: '' });
    await untilPasses(() => expect(told).toHaveLength(1));
    expect(told[0]).toEqual({
      response_type: 'ephemeral',
      replace_original: false,
      text: expect.stringMatching(text),
    });
    expect(fake.logged.join()).not.toContain(secret);
  });

  it('that came too late wakes nobody, whatever the other person is called', async () => {
    const answer = async () => ({ kind: 'too_late' as const, escalation: createAnswered() });
    await send(createFakeReceiver({ slackSigningSecret, answer }), click(responseUrl));
    await untilPasses(() => expect(told).toHaveLength(1));
    expect(told[0]?.text).not.toContain('<!channel>');
  });

  it('is acknowledged in time even when the answer takes longer, and its clicker is told then', async () => {
    let fail = (_: Error) => {};
    const answer = () =>
      new Promise<AnswerResult>((_, reject) => {
        fail = reject;
      });
    const fake = createFakeReceiver({ slackSigningSecret, answer });
    const startedAt = performance.now();
    expect((await send(fake, click(responseUrl))).status).toBe(200);
    expect(performance.now() - startedAt).toBeLessThan(2_900);
    expect(told).toEqual([]);
    fail(new Error('Command timed out'));
    await untilPasses(() => expect(told).toHaveLength(1));
  });

  it('on a form that Slack does not open decides nothing, and its clicker is told', async () => {
    const openForm = () => Promise.reject(new Error('Slack: views.open: expired_trigger_id'));
    const fake = createFakeReceiver({ slackSigningSecret, slack: { openForm } });
    await send(fake, click(responseUrl, button('deny_with_reason')));
    await untilPasses(() => expect(told).toHaveLength(1));
    expect(told[0]?.text).toMatch(/nothing was decided.*expired_trigger_id.*without a reason/);
    expect(fake.answers).toEqual([]);
  });

  it('on Why? decides nothing and is told to nobody else, even of what cannot be explained', async () => {
    const fake = createFakeReceiver({ slackSigningSecret });
    await send(fake, click(responseUrl, button('why')));
    await untilPasses(() => expect(told).toHaveLength(1));
    expect(told[0]).toMatchObject({ response_type: 'ephemeral' });
    expect(told[0]?.text).toContain('no longer has this question');

    const whyOf = () => Promise.reject(new Error('the acting thread did not answer'));
    const broken = createFakeReceiver({ slackSigningSecret, slack: { whyOf } });
    await send(broken, click(responseUrl, button('why')));
    await untilPasses(() => expect(told).toHaveLength(2));
    expect(told[1]?.text).toContain('could not explain this: the acting thread did not answer');
    expect([...fake.answers, ...broken.answers]).toEqual([]);
  });

  it('on Why? by a stranger is refused', async () => {
    const mayAsk = async () => ({ allowed: false, why: 'you belong elsewhere.' }) as const;
    const whyOf = () => Promise.reject(new Error('never asked'));
    const fake = createFakeReceiver({ slackSigningSecret, slack: { mayAsk, whyOf } });
    await send(fake, click(responseUrl, button('why')));
    await untilPasses(() => expect(told).toHaveLength(1));
    expect(told[0]?.text).toBe('Jidoka does not show this: you belong elsewhere.');
  });

  it.each([{ status: 404, body: 'expired_url' }, { hangMs: 0 }])(
    'whose clicker cannot be told (%j) leaves a line in the log, without the URL',
    async (faulty) => {
      reply = faulty;
      const answer = async () => ({ kind: 'unknown_escalation' as const });
      const fake = createFakeReceiver({ slackSigningSecret, answer });
      expect((await send(fake, click(responseUrl))).status).toBe(200);
      await untilPasses(() => expect(fake.logged).toHaveLength(1));
      expect(fake.logged[0]).toContain('was not told');
      expect(fake.logged[0]).not.toContain('capability');
    },
  );
});

const nobody = 'http://127.0.0.1:1/';
const button = (actionId: string) => ({
  trigger_id: '1.2.abc',
  actions: [{ type: 'button', action_id: actionId, value: clickValue('esc1', 'deny') }],
});
const submitted = (comment: string, change: Record<string, unknown> = {}) =>
  click(nobody, {
    type: 'view_submission',
    actions: undefined,
    response_url: undefined,
    view: {
      callback_id: 'denial',
      private_metadata: clickValue('esc1', 'deny'),
      state: { values: { reason: { reason: { value: comment } } } },
    },
    ...change,
  });

describe('a no with a reason', () => {
  const person = { via: 'slack', id: 'U123', team: 'T1', name: 'ana' };

  it('opens a form at once, which decides nothing yet', async () => {
    const opened: unknown[] = [];
    const openForm = async (...form: unknown[]) => void opened.push(form);
    const fake = createFakeReceiver({ slackSigningSecret, slack: { openForm } });
    expect(await send(fake, click(nobody, button('deny_with_reason')))).toEqual({
      status: 200,
      text: '',
    });
    expect(opened).toEqual([
      ['1.2.abc', expect.objectContaining({ private_metadata: clickValue('esc1', 'deny') })],
    ]);
    expect(fake.answers).toEqual([]);
  });

  it('is an answer with a comment once the form is submitted', async () => {
    const fake = createFakeReceiver({ slackSigningSecret });
    expect(await send(fake, submitted('a sale begins'))).toEqual({ status: 200, text: '' });
    expect(fake.answers).toEqual([
      { id: 'esc1', choiceId: 'deny', person, comment: 'a sale begins' },
    ]);
  });

  it('that did nothing shows why in place of the form', async () => {
    const answer = async () => ({ kind: 'too_late' as const, escalation: createAnswered() });
    const fake = createFakeReceiver({ slackSigningSecret, answer });
    const { status, text } = await send(fake, submitted('late'));
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({ response_action: 'update', view: { type: 'modal' } });
    expect(text).toContain('came too late');
    expect(text).not.toContain('<!channel>');
  });

  it('that takes too long is acknowledged in time, with the truth', async () => {
    const fake = createFakeReceiver({ slackSigningSecret, answer: () => new Promise(() => {}) });
    const startedAt = performance.now();
    const { text } = await send(fake, submitted('slow'));
    expect(performance.now() - startedAt).toBeLessThan(2_900);
    expect(text).toContain('Look at the message');
  });

  it.each([
    ['another form', { callback_id: 'other', private_metadata: clickValue('esc1', 'deny') }],
    ['metadata of others', { callback_id: 'denial', private_metadata: 'x' }],
  ])('from %s is ignored', async (_, view) => {
    const fake = createFakeReceiver({ slackSigningSecret });
    expect(await send(fake, submitted('', { view }))).toEqual({ status: 200, text: '' });
    expect(fake.answers).toEqual([]);
  });
});

describe('an interaction', () => {
  const nowhere = 'http://127.0.0.1:1/';

  it.each([
    ['another type', click(nowhere, { type: 'message_action' })],
    ['a form without a view', click(nowhere, { type: 'view_submission' })],
    ['a click on a link', click(nowhere, { actions: [{ type: 'button', action_id: 'runbook' }] })],
    ['a foreign button', click(nowhere, { actions: [{ type: 'button', value: 'not ours' }] })],
    ['a menu', click(nowhere, { actions: [{ type: 'overflow', value: clickValue('e', 'c') }] })],
    ['no action', click(nowhere, { actions: [] })],
    ['a shortcut', form({ type: 'shortcut' })],
  ])('of %s is acknowledged and ignored', async (_, body) => {
    const fake = createFakeReceiver({ slackSigningSecret });
    expect(await send(fake, body)).toEqual({ status: 200, text: '' });
    expect(fake.answers).toEqual([]);
  });

  it('that is not signed by Slack is refused before it is read', async () => {
    const fake = createFakeReceiver({ slackSigningSecret });
    const { status, text } = await send(fake, 'no form at all', 'v0=guessed');
    expect(status).toBe(401);
    expect(text).toContain('SLACK_SIGNING_SECRET');
    expect(fake.answers).toEqual([]);
    expect(fake.logged).toHaveLength(1);
    expect(fake.logged.join()).not.toMatch(/guessed|signing-secret/);
  });

  it('that is too old is refused, and the clock is named', async () => {
    const clock = { now: () => Number(timestamp) * 1_000 + 301_000 };
    const fake = createFakeReceiver({ slackSigningSecret, clock });
    const { status, text } = await send(fake, click(nowhere));
    expect(status).toBe(401);
    expect(text).toContain('clock');
    expect(fake.answers).toEqual([]);
  });

  it.each(['payload=%7B', 'other=1', 'payload=7', form({ type: 'block_actions', actions: 'x' })])(
    'of %j is 400',
    async (body) => {
      const fake = createFakeReceiver({ slackSigningSecret });
      expect((await send(fake, body)).status).toBe(400);
    },
  );

  it('of more than 1 MiB is 413', async () => {
    const fake = createFakeReceiver({ slackSigningSecret });
    expect((await send(fake, 'x'.repeat(1024 * 1024 + 1))).status).toBe(413);
  });

  it('without a signing secret is refused, and the variable is named', async () => {
    const fake = createFakeReceiver();
    const { status, text } = await send(fake, click(nowhere));
    expect(status).toBe(503);
    expect(text).toContain('set SLACK_SIGNING_SECRET');
    expect(fake.answers).toEqual([]);
  });
});

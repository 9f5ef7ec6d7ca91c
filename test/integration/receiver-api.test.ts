import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { countedEscalationSchema } from '../../src/api/escalation-schema.js';
import { runSchema } from '../../src/api/run-schema.js';
import { alertSchema, auditEntrySchema } from '../../src/api/schema.js';
import { end } from '../../src/engine/run/transitions.js';
import { close, type Episode } from '../../src/ledger/episode.js';
import type { Escalation } from '../../src/ledger/escalation.js';
import type { Ledger } from '../../src/ledger/ledger.js';
import type { Stored } from '../../src/ledger/record-reads.js';
import { createRun, type Run } from '../../src/ledger/run.js';
import { atMs, commit, escalate, fire, startReceiver } from '../support/receiver.js';

/** Reads a list to its end, `limit` at a time. */
async function readAll(
  { call }: Pick<ReturnType<typeof startReceiver>, 'call'>,
  path: string,
  limit: number,
) {
  const pages: string[][] = [];
  for (let next: string | null = ''; next !== null && pages.length < 50; ) {
    const before: string = next === '' ? '' : `&before=${encodeURIComponent(next)}`;
    const { body } = await call(`${path}${path.includes('?') ? '&' : '?'}limit=${limit}${before}`);
    pages.push(body.items.map(({ id, entry }) => entry ?? id));
    next = body.next;
  }
  return pages;
}

async function save(
  ledger: Ledger,
  episode: Episode,
  before: Stored<Episode> | null = null,
): Promise<Stored<Episode>> {
  await commit(ledger, ledger.saveEpisode(before, episode).writes);
  return { rev: (before?.rev ?? 0) + 1, value: episode };
}

function newRun(id: string, nowMs: number): Run {
  const target = { id: 'swarm.service/s1', name: 'web' };
  return createRun({
    id,
    caseId: id,
    origin: { kind: 'playbook', playbook: 'scale-slow-service', hash: 'h' },
    labels: { service: 'web' },
    steps: [
      { action: 'swarm.scale', params: { by: 1 }, target, settleMs: 1_000, repeat: 1, undo: false },
    ],
    cooldownMs: 600_000,
    limits: [{ count: 3, windowMs: 3_600_000 }],
    channel: undefined,
    verifiable: true,
    escalationId: null,
    state: 'planning',
    nowMs,
  });
}

/** What is shown must be described, all of it: a schema drops what it does not know. */
function expectDescribed(schema: z.ZodType, shown: unknown): void {
  expect(schema.parse(shown)).toEqual(shown);
}

describe('the lists of the API', () => {
  it('show everything once, newest first, however many share a millisecond', async () => {
    const api = startReceiver();
    const times = [1, 2, 2, 2, 2, 2, 2, 3, 4, 4];
    for (const [index, time] of times.entries()) {
      await save(api.ledger, fire(`id${index}`, atMs + time));
    }
    for (const limit of [1, 3, 4, 10, 500]) {
      const pages = await readAll(api, 'alerts', limit);
      const ids = pages.flat();
      expect(ids.slice(0, 3)).toEqual(['id9-1', 'id8-1', 'id7-1']);
      expect(ids.at(-1)).toBe('id0-1');
      expect([...ids].sort()).toEqual(times.map((_, index) => `id${index}-1`).sort());
      expect(pages).toHaveLength(Math.ceil(times.length / limit));
    }
  });

  it('can be read on after the record at the cursor has closed and new ones have come', async () => {
    const api = startReceiver();
    const stored = new Map<string, Stored<Episode>>();
    for (const name of ['a', 'b', 'c', 'd']) {
      stored.set(name, await save(api.ledger, fire(name, atMs)));
    }
    const first = await api.call('alerts?state=open&limit=2');
    expect(first.body.items.map(({ id }) => id)).toEqual(['d-1', 'c-1']);
    const c = stored.get('c') ?? null;
    await save(api.ledger, close(fire('c', atMs), atMs + 5), c);
    await save(api.ledger, fire('e', atMs + 9));
    const second = await api.call(`alerts?state=open&limit=2&before=${first.body.next}`);
    expect(second.body).toMatchObject({ items: [{ id: 'b-1' }, { id: 'a-1' }], next: null });
  });

  it('leave out what has expired, and still lead to the end', async () => {
    const api = startReceiver();
    for (const name of ['a', 'b', 'c']) await save(api.ledger, fire(name, atMs));
    await api.redis.del(api.ledger.keys.episode('b'));
    expect(await readAll(api, 'alerts', 1)).toEqual([['c-1'], [], ['a-1']]);
  });

  it('are empty where there is nothing', async () => {
    const api = startReceiver();
    for (const path of ['alerts', 'alerts?state=open', 'runs', 'escalations', 'audit']) {
      expect((await api.call(path)).body).toEqual({ items: [], next: null });
    }
  });
});

describe('an alert', () => {
  it('is shown with what each playbook makes of it, in words, too', async () => {
    const { call, ledger } = startReceiver();
    const episode: Episode = {
      ...fire('web', atMs),
      verdicts: [
        {
          playbook: 'p',
          fate: 'held',
          reason: 'cooldown',
          detail: '4 min',
          atMs,
          untilMs: atMs + 1,
        },
      ],
      misses: [
        {
          playbook: 'q',
          clause: 'severity = "page"',
          expected: 'page',
          actual: 'warning',
          reason: 'no_match',
          missed: 1,
        },
      ],
      cases: ['c1'],
    };
    await save(ledger, episode);
    const { body } = await call<object>('alerts/web-1');
    expect(body).toEqual({
      ...episode,
      verdicts: [
        { ...episode.verdicts[0], reasonText: 'the target is in cooldown after a change' },
      ],
    });
    expectDescribed(alertSchema, body);
  });

  it('that fired before is found beside the one that fires now', async () => {
    const api = startReceiver();
    const first = await save(api.ledger, fire('web', atMs));
    const closed = await save(api.ledger, close(first.value, atMs + 10), first);
    await save(api.ledger, fire('web', atMs + 20, closed.value), closed);
    expect(await readAll(api, 'alerts', 50)).toEqual([['web-2', 'web-1']]);
    expect(await readAll(api, 'alerts?state=open', 50)).toEqual([['web-2']]);
    expect((await api.call('alerts/web-1')).body).toMatchObject({ id: 'web-1', state: 'closed' });
  });

  it.each(['web-9', 'web', 'a%2Fb', '-'])('that does not exist (%s) is 404', async (id) => {
    const { call, ledger } = startReceiver();
    await save(ledger, fire('web', atMs));
    const { status, body } = await call(`alerts/${id}`);
    expect(status).toBe(404);
    expect(body).toEqual({ error: expect.stringContaining('no alert has the ID') });
  });
});

describe('a run', () => {
  it('is shown with the number of its alerts, and in the list of the open until it ends', async () => {
    const api = startReceiver();
    const { call, ledger } = api;
    const run = newRun('r1', atMs);
    await commit(ledger, [
      ...ledger.saveRun(null, run).writes,
      ...ledger.joinCase('r1', 'one'),
      ...ledger.joinCase('r1', 'two'),
      ['SREM', ledger.keys.caseOpen('r1'), 'one'],
    ]);
    await commit(ledger, ledger.saveRun(null, newRun('r2', atMs + 1)).writes);
    const { body } = await call<object>('runs/r1');
    expect(body).toMatchObject({ id: 'r1', state: 'planning', openEpisodes: 1, joined: 2 });
    expectDescribed(runSchema, body);

    const detail = '2 of 2';
    const ended = end(run, { kind: 'failed', reason: 'exhausted', detail }, atMs + 2);
    await commit(ledger, ledger.saveRun({ rev: 1, value: run }, ended).writes);
    expect((await call('runs/r1')).body).toMatchObject({
      outcome: {
        reason: 'exhausted',
        reasonText: 'Jidoka took every step, and the alert still fires',
      },
    });
    expectDescribed(runSchema, (await call<object>('runs/r1')).body);
    expect(await readAll(api, 'runs', 1)).toEqual([['r2'], ['r1']]);
    expect(await readAll(api, 'runs?state=open', 50)).toEqual([['r2']]);
    expect((await call('runs/none')).status).toBe(404);
  });

  it('is cancelled once, in a name, and shows that', async () => {
    const { ledger, call } = startReceiver();
    const run = newRun('r1', atMs);
    await commit(ledger, ledger.saveRun(null, run).writes);
    const cancel = (body: object, id = 'r1') =>
      call<object>(`runs/${id}/cancel`, { method: 'POST', body: JSON.stringify(body) });
    expect(await cancel({ comment: 'no name' })).toMatchObject({
      status: 400,
      body: { path: 'by' },
    });
    const done = await cancel({ by: 'ana', comment: 'wrong service' });
    expect(done).toMatchObject({
      status: 200,
      body: { id: 'r1', cancelled: { by: 'ana', comment: 'wrong service' } },
    });
    expectDescribed(runSchema, done.body);
    expect(await cancel({ by: 'ben' })).toMatchObject({
      status: 409,
      body: {
        error: expect.stringContaining('ana cancelled the run at '),
        run: { cancelled: { by: 'ana' } },
      },
    });
    expect((await cancel({ by: 'ana' }, 'none')).status).toBe(404);
  });
});

describe('an escalation', () => {
  const post = (choice: string, by: string) => ({
    method: 'POST',
    body: JSON.stringify({ choice, by }),
  });

  it('is shown with its choices, and gone from the list of the open once it is answered', async () => {
    const api = startReceiver();
    const { id } = await escalate(api.ledger, atMs);
    const { body } = await api.call<object>(`escalations/${id}`);
    expect(body).toMatchObject({ id, openEpisodes: 1, joined: 1, choices: [{ id: 'ack' }, {}] });
    expectDescribed(countedEscalationSchema, body);
    expect(await readAll(api, 'escalations?state=open', 50)).toEqual([[id]]);

    const answered = await api.call(`escalations/${id}/answer`, post('ack', 'ana'));
    expect(answered).toMatchObject({
      status: 200,
      body: { escalation: { state: 'answered', answer: { by: 'ana', label: 'Acknowledge' } } },
    });
    expect(await readAll(api, 'escalations?state=open', 50)).toEqual([[]]);
    expect(await readAll(api, 'escalations', 50)).toEqual([[id]]);
    expectDescribed(countedEscalationSchema, (await api.call<object>(`escalations/${id}`)).body);
    expect((await api.call('escalations/none')).status).toBe(404);
  });

  it('takes one of many answers, and tells the others who was faster', async () => {
    const { call, ledger } = startReceiver();
    const { id } = await escalate(ledger, atMs);
    const people = Array.from({ length: 10 }, (_, index) => `person ${index}`);
    const answers = await Promise.all(
      people.map((by) =>
        call<{ error?: string; escalation: Escalation }>(
          `escalations/${id}/answer`,
          post('dismiss', by),
        ),
      ),
    );
    const [winner, ...others] = answers.sort((a, b) => a.status - b.status);
    expect(winner?.status).toBe(200);
    for (const { status, body } of others) {
      expect(status).toBe(409);
      expect(body.error).toContain(`${winner?.body.escalation.answer?.by} chose "Dismiss"`);
    }
    expect((await call('audit')).body.items).toMatchObject([
      { event: 'answered' },
      { event: 'opened' },
    ]);
  });

  it('says which choices there are when somebody asks for another', async () => {
    const { call, ledger } = startReceiver();
    const { id } = await escalate(ledger, atMs);
    const { status, body } = await call(`escalations/${id}/answer`, post('up', 'ana'));
    expect(status).toBe(400);
    expect(body).toMatchObject({ error: expect.stringContaining('"ack" (Acknowledge)') });
  });
});

describe('the audit trail', () => {
  it('is shown newest first, each line once', async () => {
    const api = startReceiver();
    const record = { atMs, subject: 'run', id: 'r1', event: 'admitted' } as const;
    for (const detail of ['one', 'two', 'three', 'four', 'five']) {
      await commit(api.ledger, [api.ledger.audit({ ...record, detail, reason: 'matched' })]);
    }
    const { body } = await api.call<{ items: { detail: string }[] }>('audit');
    expect(body.items.map(({ detail }) => detail)).toEqual(['five', 'four', 'three', 'two', 'one']);
    expect(body.items[0]).toMatchObject({ reasonText: 'a playbook matches this alert' });
    for (const line of body.items) expectDescribed(auditEntrySchema, line);
    const pages = await readAll(api, 'audit', 2);
    expect(pages.map((page) => page.length)).toEqual([2, 2, 1]);
    expect(new Set(pages.flat()).size).toBe(5);
  });
});

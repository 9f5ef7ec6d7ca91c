import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { serve } from '@hono/node-server';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { z } from 'zod';
import {
  blastRadiusSchema,
  breakerSchema,
  breakersSchema,
  pausesSchema,
  setPauseSchema,
  targetFitSchema,
} from '../../src/api/guard-schema.js';
import { auditEntrySchema } from '../../src/api/schema.js';
import type { TargetFit } from '../../src/engine/reading/target-fit.js';
import type { Trip } from '../../src/guard/blast-radius.js';
import type { Breaker } from '../../src/guard/breaker.js';
import { createLibrary } from '../../src/playbook/library.js';
import { defaultPolicy, parsePolicy } from '../../src/playbook/policy.js';
import { commit, escalate, startReceiver } from '../support/receiver.js';
import { testPlaybook } from '../unit/playbook/test-playbook.js';

const run = promisify(execFile);
const library = createLibrary([testPlaybook('scale-service-up', 'service != ""')]);
const active = () => ({ library, policy: defaultPolicy, hash: '' });

function start(targetFit?: (name: string) => Promise<TargetFit>) {
  const api = startReceiver({ active, ...(targetFit && { targetFit }) });
  const post = (path: string, body: object) =>
    api.call<Record<string, unknown>>(path, { method: 'POST', body: JSON.stringify(body) });
  const audited = async () =>
    (await api.call<{ items: Record<string, unknown>[] }>('audit')).body.items.reverse();
  return { ...api, post, audited };
}

/** What is shown must be described, all of it. */
function expectDescribed(schema: z.ZodType, shown: unknown): void {
  expect(schema.parse(shown)).toEqual(shown);
}

const trip: Trip = { atMs: 5, detail: 'too many', kinds: ['all', 'asg'], escalationId: 'none' };
const breaker: Breaker = {
  playbook: 'scale-service-up',
  openedAtMs: 7,
  failures: 3,
  runId: 'r1',
  escalationId: 'none',
};

describe('pauses', () => {
  const pause = { of: 'target', name: 'web', by: ' ada ', why: 'release', for: '2h' };

  test('are set, listed and lifted, each with who did it', async () => {
    const { call, post, audited } = start();
    const set = await post('pauses', pause);
    expect(set).toMatchObject({ status: 200, body: { of: 'target', name: 'web', by: 'ada' } });
    const { sinceMs, untilMs } = set.body;
    expect(Number(untilMs) - Number(sinceMs)).toBe(7_200_000);
    expectDescribed(setPauseSchema, set.body);
    await post('pauses', { of: 'everything', by: 'bob', why: 'storm' });
    const { body } = await call<{ items: object[] }>('pauses');
    expect(body.items).toMatchObject([{ name: 'web' }, { of: 'everything', untilMs: null }]);
    expectDescribed(pausesSchema, body);

    const lifted = await post('pauses/lift', { of: 'target', name: 'web', by: 'bob' });
    expect(lifted).toMatchObject({ status: 200, body: { by: 'ada' } });
    expect((await post('pauses/lift', { of: 'target', name: 'web', by: 'bob' })).status).toBe(404);
    const trail = await audited();
    expect(trail).toMatchObject([
      { subject: 'guard', id: 'pause:target:web', event: 'paused', by: 'ada' },
      { id: 'pause:everything', event: 'paused', by: 'bob', detail: 'storm' },
      { id: 'pause:target:web', event: 'lifted', by: 'bob' },
    ]);
    for (const line of trail) expectDescribed(auditEntrySchema, line);
  });

  test.each([
    [{ ...pause, of: 'service' }, 'of'],
    [{ ...pause, name: '' }, 'name'],
    [{ ...pause, by: '' }, 'by'],
    [{ ...pause, why: undefined }, 'why'],
    [{ ...pause, for: 'an hour' }, 'for'],
    [{ ...pause, of: 'direction', name: 'sideways' }, 'name'],
    [{ of: 'everything', name: 'web', by: 'ada', why: 'w' }, 'name'],
    [{ ...pause, of: 'playbook', name: 'scale-servce-up' }, 'name'],
  ])('that are not understood (%j) are refused, and halt nothing', async (body, path) => {
    const { call, post } = start();
    expect(await post('pauses', body)).toMatchObject({ status: 400, body: { path } });
    expect((await call('pauses')).body.items).toEqual([]);
  });

  test('of a playbook that there is not name the one that was meant', async () => {
    const { body } = await start().post('pauses', {
      ...pause,
      of: 'playbook',
      name: 'scale-servce-up',
    });
    expect(body.error).toContain('did you mean "scale-service-up"?');
  });

  test.each([
    { fits: true, nearest: null, detail: '' },
    { fits: false, nearest: 'web', detail: '' },
    { fits: null, nearest: null, detail: 'the Swarm does not answer' },
  ])('of a target are set whatever is known of it, and say so: %j', async (fit) => {
    const { call, post } = start(async () => fit);
    const { status, body } = await post('pauses', pause);
    expect(status).toBe(200);
    expect(body.target).toEqual(fit);
    expectDescribed(setPauseSchema, body);
    expect((await call('pauses')).body.items).toHaveLength(1);
    const asked = await call<object>('targets/fit?name=web');
    expect(asked.body).toEqual(fit);
    expectDescribed(targetFitSchema, asked.body);
    expect((await call('targets/fit')).status).toBe(400);
  });

  test('of anything but a target say nothing of targets', async () => {
    const { body } = await start().post('pauses', { of: 'everything', by: 'ada', why: 'storm' });
    expect(body).not.toHaveProperty('target');
  });

  test('that are far too large are refused', async () => {
    const { status } = await start().post('pauses', { ...pause, why: 'x'.repeat(70_000) });
    expect(status).toBe(413);
  });
});

describe('the blast radius', () => {
  test('is shown and reset, its report with it', async () => {
    const { call, post, ledger, redis, audited } = start();
    expect((await call<object>('blast-radius')).body).toEqual({ tripped: null });
    const report = await escalate(ledger, 5);
    const tripped = { ...trip, escalationId: report.id };
    const { keys } = ledger;
    await commit(ledger, [
      ['SET', keys.tripped, JSON.stringify(tripped)],
      ['ZADD', keys.touched('all'), 5, 'asg/workers'],
      ['ZADD', keys.touched('asg'), 5, 'asg/workers'],
    ]);
    const shown = await call<object>('blast-radius');
    expect(shown.body).toEqual({ tripped });
    expectDescribed(blastRadiusSchema, shown.body);
    expect(await post('blast-radius/reset', { by: 'ada' })).toMatchObject({
      status: 200,
      body: { tripped: null },
    });
    expect((await post('blast-radius/reset', { by: 'bob' })).status).toBe(404);
    expect(await redis.exists(keys.tripped, keys.touched('all'), keys.touched('asg'))).toBe(0);
    expect((await call(`escalations/${report.id}`)).body).toMatchObject({
      state: 'answered',
      answer: { by: 'ada', label: 'Reset' },
    });
    expect((await audited()).at(-1)).toMatchObject({
      id: 'blast_radius',
      event: 'reset',
      by: 'ada',
    });
  });
});

describe('a breaker', () => {
  test('is shown and reset', async () => {
    const { call, post, ledger, redis, audited } = start();
    const { keys } = ledger;
    await commit(ledger, [
      ['HSET', keys.breakers, breaker.playbook, JSON.stringify(breaker)],
      ['HSET', keys.failures, breaker.playbook, 3],
    ]);
    const { body } = await call<object>('breakers');
    expect(body).toEqual({ items: [breaker] });
    expectDescribed(breakersSchema, body);
    const reset = await post('breakers/scale-service-up/reset', { by: 'ada' });
    expect(reset).toMatchObject({ status: 200, body: { failures: 3 } });
    expectDescribed(breakerSchema, reset.body);
    expect((await post('breakers/scale-service-up/reset', { by: 'bob' })).status).toBe(404);
    expect(await redis.exists(keys.breakers, keys.failures)).toBe(0);
    expect((await audited()).at(-1)).toMatchObject({
      id: 'breaker:scale-service-up',
      event: 'reset',
      by: 'ada',
    });
  });
});

describe('docs/explanation/guards.md', () => {
  const guide = readFileSync('docs/explanation/guards.md', 'utf8');
  const blocks = (language: string) =>
    [...guide.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map(
      ([, text = '']) => text,
    );

  test('has commands that do what it says', async () => {
    const { receiver, ledger } = startReceiver({ active, adminToken: undefined });
    const { port } = await new Promise<AddressInfo>((resolve) => {
      const server = serve({ fetch: receiver.fetch, port: 0, hostname: '127.0.0.1' }, resolve);
      onTestFinished(() => void server.close());
    });
    const { keys } = ledger;
    await commit(ledger, [
      ['SET', keys.tripped, JSON.stringify(trip)],
      ['HSET', keys.breakers, breaker.playbook, JSON.stringify(breaker)],
    ]);
    const answers: unknown[] = [];
    for (const command of blocks('sh')) {
      const { stdout } = await run('sh', ['-c', command.replaceAll(':9095', `:${port}`)]);
      answers.push(JSON.parse(stdout));
    }
    const everything = { of: 'everything', by: 'ada', why: 'moving the database' };
    expect(answers).toMatchObject([
      everything,
      { items: [everything] },
      everything,
      { tripped: trip },
      { tripped: null },
      { items: [breaker] },
      breaker,
    ]);
  });

  test('has settings that the policy takes', () => {
    const { problems } = parsePolicy('policy.yaml', blocks('yaml').join(''));
    expect(problems).toEqual([]);
    expect(blocks('yaml')).toHaveLength(4);
  });
});

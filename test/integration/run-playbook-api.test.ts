import { describe, expect, test } from 'vitest';
import type { Received } from '../../src/alertmanager/received.js';
import { createRunPlaybook, type RunPlaybook } from '../../src/engine/commands/run-playbook.js';
import { systemClock } from '../../src/lib/clock.js';
import { scaleUp, startBench } from '../support/engine.js';
import { startReceiver } from '../support/receiver.js';

/* Running a playbook over the API, with an engine on Redis behind it. */

async function start() {
  const bench = await startBench({ playbooks: [scaleUp] });
  bench.targets.add('web', 2);
  const received: Received[] = [];
  const runPlaybook: RunPlaybook = createRunPlaybook({
    ...bench.context(),
    clock: systemClock,
    waitMs: 0,
    enqueue: async (one) => {
      received.push(one);
      await bench.engine.take(one);
    },
  });
  const { call } = startReceiver({ ledger: bench.ledger, redis: bench.ledger.redis, runPlaybook });
  const post = (name: string, body: unknown) =>
    call<Record<string, unknown>>(`playbooks/${name}/run`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
  return { bench, post, received };
}

const request = {
  labels: { service: 'web' },
  by: 'ana',
  why: 'the sale starts',
  key: 'a-key-of-the-client',
};

describe('POST /api/v1/playbooks/{name}/run', () => {
  test('starts one run, however often and how many at a time the same request is sent', async () => {
    const { bench, post } = await start();
    const answers = await Promise.all(Array.from({ length: 5 }, () => post('scale-up', request)));
    await bench.settle();
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(new Set(answers.map(({ body }) => body.alert)).size).toBe(1);
    const again = await post('scale-up', request);
    const [run, ...more] = await bench.runs();
    expect(more).toEqual([]);
    expect(again.body).toMatchObject({ run: run?.id });
    expect(run).toMatchObject({ manual: { by: 'ana', why: 'the sale starts' } });
    expect(bench.targets.effects).toEqual(['web: 2 → 3']);
  });

  test.each([
    ['without a name', { by: '' }, 400, 'by'],
    ['without a reason', { why: ' ' }, 400, 'why'],
    ['without a key', { key: undefined }, 400, 'key'],
    ['with a label that is no text', { labels: { service: 1 } }, 400, 'labels.service'],
    ['with a field that there is not', { mode: 'auto' }, 400, 'mode'],
  ])('is refused %s', async (_, change, status, path) => {
    const { post, received } = await start();
    const answer = await post('scale-up', { ...request, ...change });
    expect(answer).toMatchObject({ status, body: { path } });
    expect(received).toEqual([]);
  });

  test('names what is wrong with the playbook, its labels or the key', async () => {
    const { post } = await start();
    expect(await post('scale-upp', request)).toMatchObject({
      status: 404,
      body: { error: 'no playbook is named "scale-upp"; did you mean "scale-up"?' },
    });
    const other = { ...request, labels: { alertname: 'Other' } };
    expect(await post('scale-up', other)).toMatchObject({
      status: 422,
      body: { error: expect.stringContaining('expected "Slow", got "Other"') },
    });
    await post('scale-up', request);
    const changed = { ...request, labels: { service: 'api' } };
    expect(await post('scale-up', changed)).toMatchObject({ status: 409, body: { path: 'key' } });
  });
});

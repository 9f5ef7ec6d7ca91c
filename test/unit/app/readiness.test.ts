import { describe, expect, test } from 'vitest';
import { createReadiness } from '../../../src/app/readiness.js';
import type { ProbeFinding } from '../../../src/queue/probe.js';
import type { StuckQueue } from '../../../src/queue/stuck.js';

const denied: ProbeFinding = {
  need: 'read',
  answer: 'NOPERM bzpopmin',
  text: 't',
  advice: 'do this',
};
const full: ProbeFinding = { need: 'write', answer: 'OOM', text: 't', advice: 'more memory' };
const stuck: StuckQueue = { queue: 'intake', jobs: 2, forMs: 61_000 };

function ready(given: {
  readonly probe?: () => Promise<ProbeFinding | null>;
  readonly stuck?: readonly StuckQueue[];
  readonly waiting?: number;
  readonly acting?: () => Promise<string>;
  readonly skewMs?: number;
}) {
  return createReadiness({
    probe: given.probe ?? (async () => null),
    queues: { stuck: () => given.stuck ?? [], waiting: () => given.waiting ?? 0 },
    askWorker: given.acting ?? (async () => 'answers'),
    clockSkew: async () => given.skewMs ?? null,
    playbooks: () => 'set a',
    others: async () => ({ reload: { ok: false, detail: 'not taken' } }),
  })();
}

describe('an engine is ready', () => {
  test('when all is well, and a reload that failed is told beside', async () => {
    expect(await ready({})).toEqual({
      ready: true,
      checks: {
        redis: { ok: true, detail: 'writable' },
        worker: { ok: true, detail: 'answers' },
        queue: { ok: true, detail: 'nothing waits' },
        playbooks: { ok: true, detail: 'set a' },
        reload: { ok: false, detail: 'not taken' },
      },
    });
  });

  test('while its clock is wrong, as it takes notifications in, and says so', async () => {
    expect((await ready({ skewMs: 15_000 })).checks).not.toHaveProperty('clock');
    expect(await ready({ skewMs: -7_200_000 })).toMatchObject({
      ready: true,
      checks: { clock: { ok: false, detail: expect.stringMatching(/^2 h behind that of Redis/) } },
    });
  });

  test('however much waits, while it is worked off', async () => {
    expect(await ready({ waiting: 100_000 })).toMatchObject({
      ready: true,
      checks: { queue: { ok: true, detail: '100000 jobs wait' } },
    });
  });

  test('while no worker is there, or the worker is late, and says so', async () => {
    const acting = () => Promise.reject(new Error('no worker is on this Redis'));
    expect(await ready({ acting })).toMatchObject({
      ready: true,
      checks: { worker: { ok: false, detail: 'no worker is on this Redis' } },
    });
  });

  test('while workers may not wait for jobs, and says so', async () => {
    expect(await ready({ probe: async () => denied })).toMatchObject({
      ready: true,
      checks: { redis: { ok: true }, queue: { ok: false, detail: 'NOPERM bzpopmin: do this' } },
    });
  });
});

describe('an engine is not ready', () => {
  test('when something waits and nothing is worked off, and says why if that is known', async () => {
    const text = '2 jobs wait in the queue intake, and no worker has worked one off for 61 s';
    expect(await ready({ stuck: [stuck] })).toMatchObject({
      ready: false,
      checks: { queue: { ok: false, detail: text } },
    });
    expect(await ready({ stuck: [stuck], probe: async () => denied })).toMatchObject({
      ready: false,
      checks: { queue: { ok: false, detail: `${text}; NOPERM bzpopmin: do this` } },
    });
  });

  test('when Redis refuses writes, or does not answer', async () => {
    expect(await ready({ probe: async () => full })).toMatchObject({
      ready: false,
      checks: { redis: { ok: false, detail: 'OOM: more memory' }, queue: { ok: true } },
    });
    const probe = () => Promise.reject(new Error('Connection is closed.'));
    expect(await ready({ probe })).toMatchObject({
      ready: false,
      checks: { redis: { ok: false, detail: 'Connection is closed.' } },
    });
  });
});

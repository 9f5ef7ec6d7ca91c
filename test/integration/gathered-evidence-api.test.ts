import { expect, test } from 'vitest';
import { evidenceAnswerSchema } from '../../src/api/gathered-evidence-schema.js';
import { createEvidenceStore, type Evidence } from '../../src/ledger/evidence.js';
import { atMs, commit, escalate, startReceiver } from '../support/receiver.js';
import { sampleRun } from '../unit/slack/samples.js';

/* What the API shows of what was found about escalations and runs. */

interface Answer {
  readonly evidence: Evidence | null;
}

const missing = { missing: 'Prometheus is not configured: set PROMETHEUS_URL.' };

/** Evidence with something in each part but the metric. */
function evidenceOf(id: string, gatheredAtMs: number): Evidence {
  return {
    ...{ id, gatheredAtMs, alertAtMs: atMs, metric: missing },
    headline: 'Deployed 12 minutes before the alert: a → b',
    changes: {
      fromMs: atMs - 7_200_000,
      items: [{ atMs: atMs - 720_000, kind: 'deployed', text: 'web deployed: a → b' }],
      note: 'Jidoka watches them only for 3 h.',
    },
    tasks: {
      services: [
        {
          ...{ name: 'web', running: 1, desired: 3, failed: 4, problems: ['no suitable node'] },
          failures: [{ atMs, state: 'failed', error: 'exit', exitCode: 3, node: null }],
          logs: ['password=[secret]'],
        },
      ],
    },
    group: {
      groups: [
        {
          name: 'workers',
          activities: [{ atMs, status: 'Failed', description: 'Launching', message: 'no room' }],
        },
      ],
    },
    lastTime: {
      precedents: [
        {
          ...{ id: 'r0', kind: 'run', atMs, what: 'scale web from 2 to 3 replicas' },
          ...{ by: 'scale-up', result: 'helped', tookMs: 125_000 },
        },
      ],
    },
    related: {
      alerts: [{ id: 'a', labels: { alertname: 'Odd' }, openedAtMs: atMs, shares: 'group' }],
      total: 1,
    },
  };
}

test.each(['escalations', 'runs'] as const)(
  'evidence of %s is gathered when it is first asked for, and shown as described',
  async (kind) => {
    const { ledger, redis, call } = startReceiver();
    const run = sampleRun();
    await commit(ledger, ledger.saveRun(null, run).writes);
    const id = kind === 'runs' ? run.id : (await escalate(ledger, atMs)).id;
    const path = `${kind}/${id}/evidence`;
    const wanted = () => redis.zscore(ledger.keys.schedule, `evidence:${id}`);

    expect(await call<Answer>(path)).toEqual({ status: 200, body: { evidence: null } });
    expect(await wanted()).not.toBeNull();

    const store = createEvidenceStore(ledger);
    const found = evidenceOf(id, Date.now());
    await store.finish(id, found, Date.now());
    const { body } = await call<Answer>(path);
    expect(body).toEqual({ evidence: found });
    expect(evidenceAnswerSchema.parse(body)).toEqual(body);
    // it is fresh
    expect(await wanted()).toBeNull();

    // what is old is shown, and gathered again
    const old = evidenceOf(id, Date.now() - 10 * 60_000);
    await store.finish(id, old, Date.now());
    expect((await call<Answer>(path)).body).toEqual({ evidence: old });
    expect(await wanted()).not.toBeNull();
  },
);

test('evidence of what is not there is not found, and nothing is gathered about it', async () => {
  const { ledger, redis, call } = startReceiver();
  for (const [kind, what] of [
    ['escalations', 'escalation'],
    ['runs', 'run'],
  ]) {
    const { status, body } = await call<unknown>(`${kind}/nowhere/evidence`);
    expect(status).toBe(404);
    expect(JSON.stringify(body)).toContain(`no ${what} has the ID`);
  }
  expect(await redis.exists(ledger.keys.schedule)).toBe(0);
});

test('evidence is shown to no one without the token', async () => {
  const { ledger, receiver } = startReceiver();
  const { id } = await escalate(ledger, atMs);
  for (const path of [`escalations/${id}/evidence`, 'runs/r/evidence']) {
    expect((await receiver.request(`/api/v1/${path}`)).status).toBe(401);
  }
});

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Alertmanager, createAlertmanager } from '../../src/alertmanager/alertmanager.js';
import { createAlertmanagerCluster } from '../../src/alertmanager/alertmanager-cluster.js';
import { createEngine } from '../../src/engine/engine.js';
import { silenceHour } from '../../src/escalation/choices.js';
import { type Bench, scaleUp, startBench } from '../support/engine.js';
import { startAlertmanager } from '../support/parts/alertmanager.js';

/* A click on Silence, until Alertmanager has taken it. Alertmanager and Redis are real. */

interface Shown {
  readonly id: string;
  readonly matchers: readonly { readonly name: string; readonly value: string }[];
  readonly createdBy: string;
  readonly comment: string;
  readonly endsAt: string;
}

const minute = 60_000;
let part: Awaited<ReturnType<typeof startAlertmanager>>;
let real: Alertmanager;
let bench: Bench;

beforeAll(async () => {
  const config = { route: { receiver: 'jidoka' }, receivers: [{ name: 'jidoka' }] };
  part = await startAlertmanager({ config });
  real = createAlertmanager({ url: part.url, timeoutMs: 5_000 });
});
afterAll(() => part.stop());
beforeEach(async () => {
  bench = await startBench({ playbooks: [scaleUp] });
  // Alertmanager's clock is the real one
  bench.clock.advance(Date.now() - bench.clock.now());
});
afterEach(() => bench.stop());

/** An escalation about alerts that no playbook takes, and a click on Silence. */
async function silence(...alerts: Record<string, string>[]): Promise<string> {
  return silenceFor(60 * minute, ...alerts);
}

async function silenceFor(ms: number, ...alerts: Record<string, string>[]): Promise<string> {
  await bench.take(alerts.map((labels) => ({ labels })));
  const [stored] = await bench.escalations();
  if (stored === undefined) throw new Error('nobody was asked');
  const offered = {
    ...stored.value,
    choices: [{ ...silenceHour, does: { kind: 'silence', ms } }],
  } as const;
  const { writes } = bench.ledger.saveEscalation(stored, offered, null);
  await bench.ledger.commit({ checks: [], writes, nowMs: bench.clock.now() });
  expect(await bench.answer(stored.value.id, 'silence', 'ada (U1)')).toMatchObject({
    kind: 'accepted',
  });
  return stored.value.id;
}

function use(...members: Alertmanager[]): void {
  const cluster = createAlertmanagerCluster({ members, receiver: 'jidoka' });
  bench.use(createEngine({ ...bench.context(), cluster }));
}

/** The silences of Alertmanager about an escalation. */
async function made(escalationId: string): Promise<readonly Shown[]> {
  const answer = await fetch(`${part.url}/api/v2/silences`);
  const all = (await answer.json()) as Shown[];
  return all.filter(({ comment }) => comment.includes(escalationId));
}

async function recorded(id: string) {
  return (await bench.ledger.escalation(id))?.value.silence;
}

const gone = createAlertmanager({ url: 'http://127.0.0.1:9', timeoutMs: 500 });

test('a click on Silence has Alertmanager silence the alert for an hour, in the name of who clicked', async () => {
  use(real);
  const clickedAtMs = bench.clock.now();
  const id = await silence({ alertname: 'Loud', service: 'web', replica: 'a', empty: '' });
  await bench.settle();
  const [shown, ...others] = await made(id);
  expect(others).toEqual([]);
  expect(shown).toMatchObject({ createdBy: 'ada (U1)', comment: expect.stringContaining(id) });
  expect(Date.parse(shown?.endsAt ?? '')).toBe(clickedAtMs + 60 * minute);
  expect(shown?.matchers.map(({ name, value }) => `${name}=${value}`)).toEqual([
    'alertname=Loud',
    'service=web',
  ]);
  expect(await recorded(id)).toMatchObject({ state: 'active', id: shown?.id, fault: null });
  expect(await bench.audited('escalation')).toContainEqual(
    expect.objectContaining({ event: 'silenced', reason: 'silenced', by: 'ada (U1)' }),
  );
  expect(await bench.redis.zscore(bench.ledger.keys.schedule, `silence:${id}`)).toBeNull();
});

test('what the alerts of one question have in common is silenced, not the first alone', async () => {
  use(real);
  const about = { alertname: 'Loud', service: 'api' };
  const id = await silence({ ...about, instance: 'a' }, { ...about, instance: 'b' });
  await bench.settle();
  expect((await recorded(id))?.labels).toEqual(about);
});

test('while Alertmanager is away it is asked again and again, and the message says why it waits', async () => {
  use(gone);
  const id = await silence({ alertname: 'Loud', service: 'db' });
  await bench.settle();
  expect(await recorded(id)).toMatchObject({
    state: 'wanted',
    fault: expect.stringContaining('127.0.0.1:9'),
  });
  const { schedule } = bench.ledger.keys;
  expect(await bench.redis.zscore(schedule, `message:${id}`)).not.toBeNull();
  await bench.pass(minute);
  expect((await recorded(id))?.state).toBe('wanted');
  use(real);
  await bench.pass(2 * minute);
  expect((await recorded(id))?.state).toBe('active');
  expect(await made(id)).toHaveLength(1);
});

test('an Alertmanager that took it and did not say so is not asked for a second one', async () => {
  let posts = 0;
  use({
    ...real,
    async silence(wanted) {
      posts += 1;
      await real.silence(wanted);
      return gone.silence(wanted);
    },
  });
  const id = await silence({ alertname: 'Loud', service: 'mail' });
  await bench.settle();
  expect((await recorded(id))?.state).toBe('wanted');
  await bench.pass(minute);
  expect(await recorded(id)).toMatchObject({ state: 'active', id: (await made(id))[0]?.id });
  expect([posts, (await made(id)).length]).toEqual([1, 1]);
});

test('a worker that died while it asked is followed by another, which finds what was made', async () => {
  use({
    ...real,
    async silence(wanted) {
      await real.silence(wanted);
      throw new TypeError('the process ends here');
    },
  });
  const id = await silence({ alertname: 'Loud', service: 'shop' });
  await expect(bench.settle()).rejects.toThrow('the process ends here');
  use(real);
  await bench.pass(minute);
  expect((await recorded(id))?.state).toBe('active');
  expect(await made(id)).toHaveLength(1);
});

test('of several workers that look at the same time one asks', async () => {
  const cluster = createAlertmanagerCluster({ members: [real], receiver: 'jidoka' });
  const workers = Array.from({ length: 4 }, () => createEngine({ ...bench.context(), cluster }));
  use(gone);
  const id = await silence({ alertname: 'Loud', service: 'cache' });
  await Promise.all(workers.map((worker) => worker.look(`silence:${id}`)));
  expect((await recorded(id))?.state).toBe('active');
  expect(await made(id)).toHaveLength(1);
});

test('when its time has passed before Alertmanager took it, the record and the message say so', async () => {
  use(gone);
  const id = await silenceFor(2 * minute, { alertname: 'Loud', service: 'old' });
  await bench.pass(4 * minute);
  expect(await recorded(id)).toMatchObject({ state: 'failed' });
  expect(await bench.audited('escalation')).toContainEqual(
    expect.objectContaining({ event: 'not_silenced', detail: expect.stringContaining('9') }),
  );
});

test('without an Alertmanager it says which variable is missing', async () => {
  const id = await silence({ alertname: 'Loud', service: 'none' });
  await bench.settle();
  expect((await recorded(id))?.fault).toContain('ALERTMANAGER_URL');
});

test('while one worker asks, another one does not', async () => {
  let asked = 0;
  const slow: Alertmanager = {
    ...real,
    async findSilence() {
      asked += 1;
      if (asked === 1) await bench.engine.look(item);
      return null;
    },
  };
  let item = '';
  const id = await silence({ alertname: 'Loud', service: 'slow' });
  item = `silence:${id}`;
  use(slow);
  await bench.engine.look(item);
  expect(asked).toBe(1);
  expect(await made(id)).toHaveLength(1);
});

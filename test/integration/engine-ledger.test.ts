import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { applyAlert } from '../../src/engine/episode/apply-alert.js';
import { applied, end, intend } from '../../src/engine/run/transitions.js';
import { draftFault } from '../../src/escalation/draft.js';
import { close, type Episode } from '../../src/ledger/episode.js';
import type { Escalation } from '../../src/ledger/escalation.js';
import { createLedger, type Ledger } from '../../src/ledger/ledger.js';
import type { Save } from '../../src/ledger/record-writes.js';
import type { Run } from '../../src/ledger/run.js';
import { usePart } from '../support/parts.js';
import { sampleChange, sampleRun } from '../unit/ledger/sample-run.js';

/** How long ended records are kept. */
const retentionMs = 30 * 24 * 3_600_000;

let redis: Redis;
let ledger: Ledger;

beforeAll(() => {
  redis = new Redis(usePart('redis').url);
});
afterAll(async () => {
  await redis.quit();
});
beforeEach(() => {
  ledger = createLedger({ redis, cell: `test-${randomUUID()}` });
});

async function commit(...saves: Save[]) {
  const result = await ledger.commit({
    checks: saves.map(({ check }) => check),
    writes: saves.flatMap(({ writes }) => writes),
    nowMs: 1_000,
  });
  expect(result).toEqual({ kind: 'committed' });
}

function episodeOf(before: Episode | null, startsAtMs: number, endsAtMs: number | null = null) {
  const alert = {
    status: endsAtMs === null ? ('firing' as const) : ('resolved' as const),
    labels: { alertname: 'Slow' },
    annotations: {},
    startsAtMs,
    endsAtMs,
    generatorUrl: '',
    fingerprint: 'a',
  };
  const delivery = {
    identity: 'f00d',
    source: 's',
    groupKey: 'g',
    externalUrl: '',
    receivedAtMs: 1_000,
    nowMs: 1_000,
  };
  return applyAlert(before, alert, delivery).episode;
}

/** What a value is after its journey through Redis. */
const kept = <T>(value: T): T => JSON.parse(JSON.stringify(value));

describe('an episode', () => {
  test('is read as it was saved, and where there is none nothing is read', async () => {
    const episode = episodeOf(null, 10);
    await commit(ledger.saveEpisode(null, episode));
    expect(await ledger.episodes(['f00d', 'cafe'])).toEqual([
      { rev: 1, muted: false, value: episode },
      null,
    ]);
  });

  test('is saved only over the revision that was read', async () => {
    const episode = episodeOf(null, 10);
    await commit(ledger.saveEpisode(null, episode));
    const { check, writes } = ledger.saveEpisode(null, { ...episode, deliveries: 99 });
    expect(await ledger.commit({ checks: [check], writes, nowMs: 1 })).toMatchObject({
      kind: 'conflict',
    });
    expect(await ledger.episodes(['f00d'])).toEqual([{ rev: 1, muted: false, value: episode }]);
  });

  test('that made room for a later one is found by its id', async () => {
    const first = episodeOf(episodeOf(null, 10), 10, 20);
    const second = episodeOf(first, 30);
    await commit(ledger.saveEpisode(null, first));
    await commit(ledger.saveEpisode({ rev: 1, value: first }, second));
    expect(await ledger.episodeById('f00d-1')).toEqual(first);
    expect(await ledger.episodeById('f00d-2')).toEqual(second);
    expect(await ledger.episodeById('f00d-3')).toBeNull();
  });

  test('is forgotten some time after it closed, and not while it is open', async () => {
    const open = episodeOf(null, 10);
    await commit(ledger.saveEpisode(null, open));
    await commit(ledger.saveEpisode({ rev: 1, value: open }, close(open, 2_000)));
    expect(await redis.pttl(ledger.keys.episode('f00d'))).toBeGreaterThan(retentionMs - 60_000);
    expect(await redis.zrange(ledger.keys.openEpisodes, '0', '-1')).toEqual([]);
    await commit(ledger.saveEpisode({ rev: 2, value: close(open, 2_000) }, open));
    expect(await redis.pttl(ledger.keys.episode('f00d'))).toBe(-1);
    expect(await redis.zrange(ledger.keys.openEpisodes, '0', '-1')).toEqual(['f00d']);
  });

  test('leaves its cases when it closes', async () => {
    const open = { ...episodeOf(null, 10), cases: ['c1', 'c2'] };
    const joins = ['c1', 'c2'].flatMap((id) => ledger.joinCase(id, 'f00d'));
    await commit(ledger.saveEpisode(null, open), {
      ...ledger.saveRun(null, sampleRun()),
      writes: joins,
    });
    expect(await ledger.caseInfo('c1')).toMatchObject({ open: 1 });
    await commit(ledger.saveEpisode({ rev: 1, value: open }, close(open, 2_000)));
    expect(await ledger.caseInfo('c1')).toMatchObject({ open: 0 });
    expect(await ledger.caseInfo('c2')).toMatchObject({ open: 0 });
  });
});

describe('a run', () => {
  test('is read as it was saved, with the number of its alerts', async () => {
    const run = sampleRun();
    await commit(ledger.saveRun(null, run));
    await ledger.commit({ checks: [], writes: ledger.joinCase('case-1', 'f00d'), nowMs: 1 });
    await ledger.commit({ checks: [], writes: ledger.joinCase('case-1', 'cafe'), nowMs: 1 });
    expect(await ledger.run('run-1')).toEqual({
      rev: 1,
      mutedEpisodes: 0,
      value: kept(run),
      openEpisodes: 2,
      joined: 2,
    });
  });

  test('is on the schedule for as long as something is due', async () => {
    const run = sampleRun();
    await commit(ledger.saveRun(null, run));
    expect(await ledger.due(1_000, 10)).toEqual([{ item: 'run:run-1', atMs: 1_000 }]);
    expect(await ledger.due(999, 10)).toEqual([]);
    await commit(ledger.saveRun({ rev: 1, value: run }, { ...run, dueAtMs: null }));
    expect(await ledger.due(9_999, 10)).toEqual([]);
  });

  test('that ended gives its locks and its place to join back, and is forgotten later', async () => {
    const planning = sampleRun();
    const busy = applied(intend(planning, sampleChange(2, 3), false, 1, 1), 2, 3);
    const [lock, join] = [ledger.keys.lock('test.service/web'), await joinKeyOf(planning)];
    await redis.set(lock, 'run-1');
    await commit(ledger.saveRun(null, busy));
    expect(await redis.get(join)).toBe('run-1');
    const ended = end(busy, { kind: 'done', reason: 'resolved', detail: '' }, 5);
    await commit(ledger.saveRun({ rev: 1, value: busy }, ended));
    expect(await redis.exists(lock, join)).toBe(0);
    expect(await redis.zrange(ledger.keys.activeRuns, '0', '-1')).toEqual([]);
    expect(await ledger.due(9_999, 10)).toEqual([]);
    expect(await redis.pttl(ledger.keys.run('run-1'))).toBeGreaterThan(retentionMs - 60_000);
  });

  test('that ended without ever having held its locks leaves them to whoever has them', async () => {
    const waiting = sampleRun({ state: 'awaiting_approval' });
    const lock = ledger.keys.lock('test.service/web');
    await redis.set(lock, 'run-2');
    await commit(ledger.saveRun(null, waiting));
    const ended = end(waiting, { kind: 'withdrawn', reason: 'denied', detail: '' }, 5);
    await commit(ledger.saveRun({ rev: 1, value: waiting }, ended));
    expect(await redis.get(lock)).toBe('run-2');
  });

  async function joinKeyOf(run: Run): Promise<string> {
    const { writes } = ledger.saveRun(null, run);
    const [, key] =
      writes.find(([command, name]) => command === 'SET' && /:join:/.test(`${name}`)) ?? [];
    return String(key);
  }
});

describe('an escalation', () => {
  const to = { channel: undefined, expiresAtMs: 9_000, nowMs: 1_000 };
  const draft = () =>
    draftFault('truncated', 'title', 'detail', 'subject-1', { ...to, id: ledger.newId() });
  const subject = () => redis.get(ledger.keys.subject('subject-1'));

  test('is read as it was saved, is open to joiners, and is due for its message and its expiry', async () => {
    const asked = draft();
    await commit(ledger.saveEscalation(null, asked, 1_500));
    expect(await ledger.escalation(asked.id)).toMatchObject({ rev: 1, value: kept(asked) });
    expect(await subject()).toBe(asked.id);
    expect(await ledger.due(9_000, 10)).toEqual([
      { item: `message:${asked.id}`, atMs: 1_500 },
      { item: `expiry:${asked.id}`, atMs: 9_000 },
    ]);
  });

  test('that is over is joined by nobody and expires no more', async () => {
    const asked = draft();
    const over: Escalation = { ...asked, state: 'withdrawn', endedAtMs: 2_000 };
    await commit(ledger.saveEscalation(null, asked, null));
    await commit(ledger.saveEscalation({ rev: 1, value: asked }, over, null));
    expect(await subject()).toBeNull();
    expect(await ledger.due(9_000, 10)).toEqual([]);
    expect(await redis.zrange(ledger.keys.openEscalations, '0', '-1')).toEqual([]);
  });

  test('that is over leaves its subject to the next one, even when its message is posted late', async () => {
    const first = draft();
    const over: Escalation = { ...first, state: 'withdrawn', endedAtMs: 2_000 };
    await commit(ledger.saveEscalation(null, first, null));
    await commit(ledger.saveEscalation({ rev: 1, value: first }, over, null));
    const second = draft();
    await commit(ledger.saveEscalation(null, second, null));
    const posted = { ...over, posted: { channel: 'C1', ts: '1' } };
    await commit(ledger.saveEscalation({ rev: 2, value: over }, posted, null));
    expect(await subject()).toBe(second.id);
  });
});

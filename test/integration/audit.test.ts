import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { auditKeys } from '../../src/audit/key.js';
import { fromJsonLine, toJsonLine } from '../../src/audit/lines.js';
import { createAuditSealer } from '../../src/audit/sealer.js';
import { readTrail, type TrailItem, trailMoment } from '../../src/audit/trail.js';
import { trimUnsealed } from '../../src/audit/trim-unsealed.js';
import { verifyLedger, verifyPiece } from '../../src/audit/verify.js';
import { createLedger, type Ledger } from '../../src/ledger/ledger.js';
import type { Transaction } from '../../src/ledger/transaction.js';
import { usePart } from '../support/parts.js';

const day = 24 * 3_600_000;
const ownKey = 'the operator keeps this somewhere else';
let redis: Redis;
let ledger: Ledger;
const keys = auditKeys([ownKey]);

beforeEach(async () => {
  redis = new Redis(usePart('redis').url);
  ledger = createLedger({ redis, cell: `test-${randomUUID()}` });
});
afterEach(async () => {
  const left = await redis.keys(`${ledger.keys.audit.replace(/audit$/, '')}*`);
  if (left.length > 0) await redis.del(...left);
  await redis.quit();
});

/** Records as the engine's transactions append them; `atMs` gives them another time of Redis. */
async function record(count: number, atMs?: number): Promise<void> {
  const pipeline = redis.pipeline();
  for (let index = 0; index < count; index += 1) {
    const write = ledger.audit({ atMs: 1, subject: 'run', id: randomUUID(), event: 'admitted' });
    const [, key, , ...fields] = write as [string, string, string, ...string[]];
    pipeline.xadd(key, atMs === undefined ? '*' : `${atMs}-${index + 1}`, ...fields);
  }
  await pipeline.exec();
}

function sealer(by = keys, over = ledger) {
  if (by.sealing === undefined) throw new Error('there is no key');
  return createAuditSealer({ ledger: over, key: by.sealing, find: by.find });
}

/** One round of a worker, as if the one before were over. */
async function sealNow(by = keys): Promise<void> {
  await redis.del(ledger.keys.auditSealer);
  await sealer(by).sealNew(Date.now());
}

const trim = (nowMs: number, keepMs: number) => sealer().trim(nowMs, keepMs);
const verify = (by = keys) => verifyLedger(ledger, by);

async function items(range?: { since: string; until: string }): Promise<TrailItem[]> {
  const found: TrailItem[] = [];
  const moment = await trailMoment(ledger);
  for await (const item of readTrail(ledger, moment, range)) found.push(item);
  return found;
}

/** Changes the audit stream as somebody who holds Redis could. */
async function tamper(
  change: (entries: [string, string[]][]) => [string, string[]][],
  stream = ledger.keys.audit,
): Promise<void> {
  const entries = change(await redis.xrange(stream, '-', '+'));
  await redis.del(stream);
  for (const [id, fields] of entries) await redis.xadd(stream, id, ...fields);
}

describe('sealing', () => {
  test('takes what is new, block by block, and what came since is told apart', async () => {
    await record(2_500);
    await sealNow();
    await record(3);
    expect(await verify()).toMatchObject({
      kind: 'verified',
      records: 2_500,
      blocks: 3,
      unsealed: 3,
    });
    await sealNow();
    expect(await verify()).toMatchObject({ records: 2_503, blocks: 4, unsealed: 0 });
  });

  test('is done by one worker a round, and by many at once without harm', async () => {
    await record(10);
    const worker = () => sealer().sealNew(Date.now());
    await Promise.all([worker(), worker(), worker()]);
    await record(10);
    await worker();
    expect(await verify()).toMatchObject({ records: 10, blocks: 1, unsealed: 10 });
    await Promise.all(Array.from({ length: 8 }, () => sealNow()));
    expect(await verify()).toMatchObject({ kind: 'verified', records: 20, blocks: 2 });
  });

  test('that another worker overtook leaves everything to that one', async () => {
    await record(5);
    const overtaken = {
      ...ledger,
      async commit(transaction: Transaction) {
        await record(3);
        await sealNow();
        return ledger.commit(transaction);
      },
    };
    await sealer(keys, overtaken).sealNew(Date.now());
    expect(await verify()).toMatchObject({ kind: 'verified', records: 8, blocks: 1 });
  });

  test('goes on under a new key, and the old ones still verify what they sealed', async () => {
    await record(5);
    await sealNow();
    const rotated = auditKeys(['a new key of the operator, and a long one', ownKey]);
    await record(5);
    await sealNow(rotated);
    expect(await verify(rotated)).toMatchObject({ kind: 'verified', blocks: 2 });
  });

  test('never builds on an end of the chain that does not fit', async () => {
    await record(5);
    await sealNow();
    const head = await redis.get(ledger.keys.auditHead);
    await record(5);
    await redis.set(ledger.keys.auditHead, head?.replace('"number":1', '"number":7') ?? '');
    await expect(sealNow()).rejects.toThrow(
      /head of the audit trail was changed: run "jidoka audit verify"/,
    );
    await redis.del(ledger.keys.auditHead);
    await expect(sealNow()).rejects.toThrow(/head of the audit trail is missing/);
    await redis.set(ledger.keys.auditHead, head ?? '');
    const stranger = auditKeys(['a key that has not sealed anything']);
    await expect(sealNow(stranger)).rejects.toThrow(/which is not set: add it to JIDOKA_AUDIT_KEY/);
    await sealNow();
    expect(await verify()).toMatchObject({ kind: 'verified', records: 10, blocks: 2 });
  });
});

describe('trimming', () => {
  const now = Date.now();

  test('removes what is old behind a checkpoint, and the rest can still be verified', async () => {
    for (const age of [100, 95, 91, 89, 1]) {
      await record(4, now - age * day);
      await sealNow();
    }
    await trim(now, 90 * day);
    expect(await redis.xlen(ledger.keys.audit)).toBe(8);
    expect(await verify()).toMatchObject({ kind: 'verified', records: 8, blocks: 2 });
    await record(4);
    await sealNow();
    expect(await verify()).toMatchObject({ kind: 'verified', records: 12, blocks: 3 });
    await trim(now + 200 * day, 90 * day);
    expect(await redis.xlen(ledger.keys.audit)).toBe(0);
    await record(1);
    await sealNow();
    expect(await verify()).toMatchObject({ kind: 'verified', records: 1, blocks: 1 });
  });

  test('removes nothing that is not sealed, however old', async () => {
    await record(4, now - 100 * day);
    await sealNow();
    await record(4, now - 99 * day);
    await trim(now, 90 * day);
    expect(await redis.xlen(ledger.keys.audit)).toBe(4);
    expect(await verify()).toMatchObject({ kind: 'verified', unsealed: 4 });
  });

  test('goes by age alone where nobody seals, and takes nothing that was sealed', async () => {
    for (const age of [100, 89]) await record(4, now - age * day);
    await trimUnsealed(ledger, now, 90 * day);
    expect(await redis.xlen(ledger.keys.audit)).toBe(4);
    await sealNow();
    await expect(trimUnsealed(ledger, now, 80 * day)).rejects.toThrow(
      /no key is set.*set JIDOKA_AUDIT_KEY/,
    );
    expect(await verify()).toMatchObject({ kind: 'verified', records: 4 });
  });

  test('beyond the checkpoint is found, and so is a checkpoint that was changed', async () => {
    for (const age of [100, 95, 80]) {
      await record(4, now - age * day);
      await sealNow();
    }
    await trim(now, 97 * day);
    const checkpoint = await redis.get(ledger.keys.auditCheckpoint);
    expect(await verify()).toMatchObject({ kind: 'verified', records: 8 });
    await redis.xtrim(ledger.keys.auditBlocks, 'MAXLEN', 1);
    await redis.xtrim(ledger.keys.audit, 'MAXLEN', 4);
    expect(await verify()).toMatchObject({ of: 'block', how: 'removed' });
    await redis.del(ledger.keys.auditCheckpoint);
    expect(await verify()).toMatchObject({ of: 'block', how: 'removed' });
    await redis.set(ledger.keys.auditCheckpoint, `${checkpoint} `);
    expect(await verify()).toMatchObject({ of: 'checkpoint', how: 'changed' });
  });

  test('keeps what does not fit, for people to look at', async () => {
    for (const age of [100, 95]) {
      await record(4, now - age * day);
      await sealNow();
    }
    await tamper(([, ...rest]) => rest, ledger.keys.auditBlocks);
    await expect(trim(now, 90 * day)).rejects.toThrow(/block 2 of the audit trail is out of place/);
    expect(await redis.xlen(ledger.keys.audit)).toBe(8);
  });

  test('does not disturb who verifies at the same time', async () => {
    for (let age = 200; age > 90; age -= 1) {
      await record(2, now - age * day);
      await sealNow();
    }
    const verdicts = Promise.all(Array.from({ length: 20 }, () => verify()));
    await trim(now, 90 * day);
    for (const disposition of await verdicts) expect(disposition.kind).toBe('verified');
  });
});

describe('verifying', () => {
  test('names the first record that does not fit, in Redis as it is', async () => {
    await record(1_500);
    await sealNow();
    const [, , third] = await redis.xrange(ledger.keys.audit, '-', '+', 'COUNT', 3);
    const [id = '', fields = []] = third ?? [];
    await tamper((entries) =>
      entries.map((entry) => (entry[0] === id ? [id, ['record', '{}']] : entry)),
    );
    expect(await verify()).toMatchObject({ of: 'record', how: 'changed', entry: id });
    await tamper((entries) =>
      entries.map((entry) => (entry[0] === id ? [id, [...fields, 'more', 'fields']] : entry)),
    );
    expect(await verify()).toMatchObject({ of: 'record', how: 'changed', entry: id });
    await redis.xdel(ledger.keys.audit, id);
    expect(await verify()).toMatchObject({ of: 'record', how: 'removed', entry: id });
    await redis.del(ledger.keys.audit);
    expect(await verify()).toMatchObject({ of: 'record', how: 'removed' });
  });

  test('while records are appended and sealed finds nothing wrong', async () => {
    let done = false;
    const writing = (async () => {
      for (let round = 0; round < 20; round += 1) {
        await record(300);
        await sealNow();
      }
      done = true;
    })();
    while (!done) expect((await verify()).kind).toBe('verified');
    await writing;
    expect(await verify()).toMatchObject({ records: 6_000 });
  });
});

describe('an export', () => {
  async function exported(range?: { since: string; until: string }): Promise<string[]> {
    return (await items(range)).map(toJsonLine);
  }
  async function* read(lines: readonly string[]) {
    for (const [index, line] of lines.entries()) yield fromJsonLine(line, index + 1);
  }

  test('holds what the trail holds, and can be verified without Redis', async () => {
    await record(1_200);
    await sealNow();
    await record(2);
    await redis.xadd(ledger.keys.audit, '*', 'record', 'not JSON at all', 'and', 'more');
    await sealNow();
    const lines = await exported();
    const record0 = JSON.parse(lines[1] ?? '');
    expect(record0).toMatchObject({ entry: expect.any(String), subject: 'run', event: 'admitted' });
    expect(await verifyPiece(keys, read(lines))).toMatchObject({
      kind: 'verified',
      records: 1_203,
    });
    const changed = lines.map((line) => line.replace(record0.id, randomUUID()));
    expect(await verifyPiece(keys, read(changed))).toMatchObject({
      how: 'changed',
      entry: record0.entry,
    });
  });

  test('of a range holds the records in it and nothing else', async () => {
    for (const atMs of [1_000, 2_000, 3_000, 4_000, 5_000]) {
      await record(4, atMs);
      if (atMs !== 2_000) await sealNow();
    }
    const lines = await exported({ since: '2000-3', until: '4000-2' });
    const entries = lines.map((line) => JSON.parse(line).entry).filter((entry) => entry);
    expect(entries).toEqual([
      ...['2000-3', '2000-4', '3000-1', '3000-2', '3000-3', '3000-4', '4000-1', '4000-2'],
    ]);
    expect(await verifyPiece(keys, read(lines))).toMatchObject({ kind: 'verified', records: 8 });
  });
});

import { expect, test } from 'vitest';
import type { AuditRecord } from '../../../../src/ledger/audit.js';
import { createKeyspace } from '../../../../src/ledger/memory/keyspace.js';
import { createMemoryLedger } from '../../../../src/ledger/memory/memory-ledger.js';
import { createManualClock } from '../../sim/manual-clock.js';

test('a key goes when its time is over by the clock that the ledger was given, and its memory with it', () => {
  const clock = createManualClock();
  const keys = createKeyspace({ clock, onAppend: () => {} });
  keys.setText('short', 'a');
  keys.setEnd('short', 1_000);
  keys.setText('long', 'b');
  keys.setEnd('long', 5_000);
  keys.setText('for ever', 'c');

  clock.advance(1_000);
  expect(keys.text('short')).toBe('a');
  clock.advance(1);
  expect(keys.text('short')).toBeUndefined();
  // what is over is let go of whether anybody asks for it or not
  expect(keys.keys()).toEqual(['long', 'for ever']);
  clock.advance(3_600_000);
  expect(keys.keys()).toEqual(['for ever']);
});

test('a key that is set anew or made to last does not go when its first time is over', () => {
  const clock = createManualClock();
  const keys = createKeyspace({ clock, onAppend: () => {} });
  for (const key of ['anew', 'lasting', 'longer']) {
    keys.setText(key, 'a');
    keys.setEnd(key, 1_000);
  }
  keys.setText('anew', 'b');
  keys.setEnd('lasting', null);
  keys.setEnd('longer', 9_000);
  clock.advance(2_000);
  expect([...keys.keys()].sort()).toEqual(['anew', 'lasting', 'longer']);
});

test('audit records are handed out when their transaction is committed, and never when it is not', async () => {
  const records: AuditRecord[] = [];
  const clock = createManualClock();
  const ledger = createMemoryLedger({ clock, onRecord: (record) => records.push(record) });
  const record = { atMs: clock.now(), subject: 'run', id: 'r', event: 'asked' } as const;
  const writes = [ledger.audit(record)];
  const nowMs = clock.now();
  await ledger.commit({ checks: [{ kind: 'set_filled', key: 'x' }], writes, nowMs });
  expect(records).toEqual([]);
  await ledger.commit({ checks: [], writes, nowMs });
  expect(records).toEqual([record]);
});

test('ids are counted, so that the same story has the same ids', () => {
  const ids = () => {
    const ledger = createMemoryLedger({ clock: createManualClock(), onRecord: () => {} });
    return [ledger.newId(), ledger.newId()];
  };
  expect(ids()).toEqual(ids());
  expect(new Set(ids()).size).toBe(2);
});

test('a command that no transaction of the engine has is an error, not nothing', async () => {
  const ledger = createMemoryLedger({ clock: createManualClock(), onRecord: () => {} });
  const writes = [['LPUSH', 'list', 'a'] as const];
  await expect(ledger.commit({ checks: [], writes, nowMs: 0 })).rejects.toThrow(/LPUSH/);
});

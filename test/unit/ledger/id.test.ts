import { expect, test } from 'vitest';
import { createId } from '../../../src/ledger/id.js';

test('an id can be given to a command: it does not look like an option', () => {
  const ids = Array.from({ length: 2_000 }, createId);
  expect(ids.filter((id) => !/^[A-Za-z0-9][\w-]{11}$/.test(id))).toEqual([]);
  expect(new Set(ids).size).toBe(2_000);
});

import { expect, test } from 'vitest';
import { asTheyAre } from '../../../../src/ledger/memory/codec.js';
import { sampleRun } from '../sample-run.js';

test('a record at work is kept as it is, and one that is over as a text, which takes less room', () => {
  const run = sampleRun();
  const ended = { ...run, state: 'ended' };
  expect(asTheyAre.write(run)).toBe(run);
  expect(typeof asTheyAre.write(ended)).toBe('string');
  for (const record of [run, ended]) {
    expect(asTheyAre.read(asTheyAre.write(record))).toEqual(record);
  }
});

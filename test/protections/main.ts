import { messageOf } from '../../src/lib/errors.js';
import { chooseRows } from './choose.js';
import { type Copy, copyCheckout } from './copy.js';
import { createTestRunner, type TestRunner } from './named-test.js';
import { type Removal, readRemovals } from './removals.js';
import { type Row, readRows } from './rows.js';
import { createTable, type Result } from './table.js';

/**
 * Takes each protection out of a copy of the checkout, and looks whether the test of its row fails then.
 *
 * @param dir is empty, and the copy is left in it.
 * @returns the exit code: 0 if every test failed that had to, 1 if one did not.
 * @throws InputError for arguments that it does not know.
 */
export async function main(root: string, dir: string, args: readonly string[]): Promise<number> {
  const rows = chooseRows(readRows(root), args);
  const removals = readRemovals(root);
  const copy = copyCheckout(root, dir);
  process.chdir(dir);
  const runner = await createTestRunner(dir);
  const table = createTable();
  for (const row of rows) {
    const passes = await table.add(row, () => runUnchanged(copy, runner, row));
    const own = passes ? removals.filter(({ fault }) => fault === row.fault) : [];
    for (const removal of own) {
      await table.add(removal, () => runWithout(copy, runner, row, removal));
    }
  }
  await runner.close();
  return table.finish() ? 0 : 1;
}

/** What a test shows that fails without a protection is worth something only if it passes with it. */
async function runUnchanged(copy: Copy, runner: TestRunner, row: Row): Promise<Result> {
  const said = await copy.build();
  if (said !== null) return { ok: false, word: 'broken', detail: said };
  const outcome = await runner.run(row);
  switch (outcome.kind) {
    case 'passed':
      return { ok: true, word: 'passes', detail: '' };
    case 'failed':
      return { ok: false, word: 'fails', detail: outcome.found };
    case 'not_run':
      return { ok: false, word: 'not run', detail: outcome.why };
  }
}

async function runWithout(
  copy: Copy,
  runner: TestRunner,
  row: Row,
  { edits }: Removal,
): Promise<Result> {
  let before: ReadonlyMap<string, string>;
  try {
    before = copy.edit(edits);
  } catch (error) {
    return { ok: false, word: 'moved', detail: messageOf(error) };
  }
  try {
    const said = await copy.build();
    if (said !== null) return { ok: false, word: 'no code', detail: said };
    runner.forget(before.keys());
    const outcome = await runner.run(row);
    switch (outcome.kind) {
      case 'failed':
        return { ok: true, word: 'fails', detail: outcome.found };
      case 'passed':
        return { ok: false, word: 'SURVIVES', detail: `${row.file} did not notice` };
      case 'not_run':
        return { ok: false, word: 'not run', detail: outcome.why };
    }
  } finally {
    copy.putBack(before);
    runner.forget(before.keys());
  }
}

import { parseArgs } from 'node:util';
import { InputError, messageOf } from '../../src/lib/errors.js';
import type { Row } from './rows.js';

/**
 * The rows that `--row N` or `--only PATTERN` (a regular expression for the fault or the test's file)
 * choose, else all; those that take longest last.
 *
 * @throws InputError for other arguments, and where there is no such row.
 */
export function chooseRows(rows: readonly Row[], args: readonly string[]): readonly Row[] {
  const { row, only } = read(args);
  const pattern = patternOf(only ?? '');
  const chosen = rows.filter(
    ({ number, fault, file }) =>
      (row === undefined || String(number) === row) && pattern.test(`${fault} ${file}`),
  );
  if (chosen.length === 0) {
    const asked = row === undefined ? `--only ${only}` : `--row ${row}`;
    throw new InputError(
      `${asked}: no row of docs/contributors/failure-modes.md; there are ${rows.length}, counted from 1`,
      asked,
    );
  }
  const isSlow = ({ file }: Row) => Number(file.startsWith('test/chaos/'));
  return chosen.toSorted((a, b) => isSlow(a) - isSlow(b));
}

function patternOf(only: string): RegExp {
  try {
    return new RegExp(only, 'i');
  } catch (error) {
    throw new InputError(`--only ${only}: ${messageOf(error)}`, '--only');
  }
}

function read(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: { row: { type: 'string' }, only: { type: 'string' } },
    }).values;
  } catch (error) {
    throw new InputError(`${messageOf(error)}; expected --row N or --only PATTERN`, 'args');
  }
}

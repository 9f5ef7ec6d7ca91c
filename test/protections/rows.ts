import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A row of `docs/contributors/failure-modes.md`: a fault, and the test that shows what happens then. */
export interface Row {
  /** Counts from 1. */
  readonly number: number;
  readonly fault: string;
  /** The test's file, from the root of the checkout. */
  readonly file: string;
  /** The test's name as its file has it; `%s` stands for whatever its cases put there. */
  readonly title: string;
}

const shownBy = /\| `(test\/[^`]+)`: ([^|]+) \|$/;

/**
 * Reads the table of faults.
 *
 * @throws for a row that names no test.
 */
export function readRows(root: string): readonly Row[] {
  return readFileSync(join(root, 'docs/contributors/failure-modes.md'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| Fault |'))
    .map((line, index) => {
      const fault = line.split('|')[1]?.trim() ?? '';
      const [, file, title] = shownBy.exec(line) ?? [];
      if (file === undefined || title === undefined) {
        throw new Error(
          `docs/contributors/failure-modes.md: "${fault}": expected the last cell to be \`test/file.test.ts\`: name of the test`,
        );
      }
      return { number: index + 1, fault, file, title };
    });
}

/** What the full name of a row's test ends with, as a regular expression. */
export function titlePattern({ title }: Row): RegExp {
  const parts = title.split(/%[a-z]/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`(^|\\s)${parts.join('.*')}$`);
}

/*
 * How the figures of a report are set.
 */

import { visible } from '../../lib/visible.js';

/** `1,234 alerts` */
export function numbered(count: number, word: string): string {
  return `${numberOf(count)} ${word}${count === 1 ? '' : 's'}`;
}

/** `1,234` */
export function numberOf(count: number): string {
  return count.toLocaleString('en');
}

/** `12.5 %` of something that there is. */
export function percent(part: number, whole: number): string {
  return `${((100 * part) / Math.max(whole, 1)).toFixed(1)} %`;
}

/** `cooldown 80, target_busy 12` */
export function listed(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([word, count]) => `${word} ${numberOf(count)}`)
    .join(', ');
}

/** Rows under each other: texts to the left, numbers to the right; without rows no heads either. */
export function table(
  heads: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string[] {
  if (rows.length === 0) return [];
  const texts = rows.map((row) =>
    row.map((cell) => (typeof cell === 'number' ? numberOf(cell) : visible(cell))),
  );
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...texts.map((row) => row[column]?.length ?? 0)),
  );
  const isNumber = heads.map((_, column) => rows.every((row) => typeof row[column] === 'number'));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) =>
        isNumber[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return [line(heads), ...texts.map(line)].map((text) => `  ${text}`);
}

import { styleText } from 'node:util';
import { formatDuration } from '../../lib/time.js';
import { visible } from '../../lib/visible.js';
import { report as reportFindings } from '../check/report.js';
import { indented } from '../lines.js';
import { jsonText } from '../output.js';
import type { FileResult, PlacedResult } from './run-files.js';

/** What stands before the lines of a failure. */
const margin = ' '.repeat(8);

type Style = Parameters<typeof styleText>[0];

/** In which form results are shown. */
export const formats = ['text', 'json'] as const;

export type Format = (typeof formats)[number];

/**
 * What came of all tests, ready to be written out, ending in a new line.
 *
 * `columns` is how wide the terminal is; left out, there is none, and lines are as long as they are.
 */
export function report(
  files: readonly FileResult[],
  format: Format,
  { color, columns }: { readonly color: boolean; readonly columns?: number | undefined },
): string {
  return format === 'json' ? jsonReport(files) : textReport(files, color, columns);
}

/** Whether a file could be run, and all of its tests passed. */
export function hasPassed({ findings, results }: FileResult): boolean {
  return findings.length === 0 && results.every(({ differences }) => differences.length === 0);
}

/** What is not as it was expected in a test, with the story so far. */
export function describeFailure(
  file: string,
  { differences, lines, story }: PlacedResult,
  paint: (style: Style, text: string) => string = (_, text) => text,
  columns?: number,
): string[] {
  const toLines = (line: string): string[] => {
    const text = line.trimStart();
    return indented(text, line.length - text.length, columns);
  };
  const shown = differences.flatMap(({ afterMs, what, lines: compared }, index) => [
    `${paint('bold', `${file}:${lines[index]}`)}: after ${formatDuration(afterMs)}, ${visible(what)}: ${paint('red', '- expected')}, ${paint('green', '+ is')}`,
    ...compared
      .flatMap((line) => line.split('\n').map((part, row) => (row === 0 ? part : `    ${part}`)))
      .flatMap((line) => toLines(`  ${visible(line)}`).map((part) => paint(styleOf(line), part))),
  ]);
  const told = story.flatMap((line) => toLines(`  ${visible(line)}`));
  return [...shown, 'what happened:', ...told.map((line) => paint('dim', line))];
}

function styleOf(line: string): Style {
  if (line.startsWith('-')) return 'red';
  return line.startsWith('+') ? 'green' : 'reset';
}

function textReport(
  files: readonly FileResult[],
  color: boolean,
  columns: number | undefined,
): string {
  const paint = (style: Style, text: string) =>
    color && style !== 'reset' ? styleText(style, text, { validateStream: false }) : text;
  const within = columns === undefined ? undefined : columns - margin.length;
  const blocks = files.map((file) => {
    if (file.findings.length > 0) {
      const checked = { files: 1, findings: file.findings };
      return reportFindings(checked, 'text', { color });
    }
    const lines = file.results.flatMap((result) => {
      const passed = result.differences.length === 0;
      const word = passed ? paint('green', 'ok  ') : paint(['bold', 'red'], 'FAIL');
      const failure = passed ? [] : describeFailure(file.file, result, paint, within);
      return [`  ${word}  ${visible(result.name)}`, ...failure.map((line) => `${margin}${line}`)];
    });
    return `${[paint('bold', visible(file.file)), ...lines].join('\n')}\n`;
  });
  return [...blocks, `${summary(files)}\n`].join('\n');
}

/** `12 tests, 1 failed` */
function summary(files: readonly FileResult[]): string {
  const results = files.flatMap((file) => file.results);
  const failed = results.filter(({ differences }) => differences.length > 0).length;
  const unread = files.filter(({ findings }) => findings.length > 0).length;
  return [
    `${results.length === 0 ? 'no' : results.length} ${results.length === 1 ? 'test' : 'tests'}`,
    failed === 0 ? 'none failed' : `${failed} failed`,
    ...(unread === 0 ? [] : [`${unread} ${unread === 1 ? 'file' : 'files'} could not be run`]),
  ].join(', ');
}

function jsonReport(files: readonly FileResult[]): string {
  const shown = files.map(({ file, findings, results }) => ({
    file,
    findings: findings.map(({ source: _, ...finding }) => finding),
    tests: results.map(({ name, differences, lines, story }) => ({
      name,
      passed: differences.length === 0,
      differences: differences.map(({ afterMs, what, lines: compared }, index) => ({
        line: lines[index],
        afterMs,
        what,
        compared,
      })),
      ...(differences.length === 0 ? {} : { story }),
    })),
  }));
  const whole = { passed: files.every(hasPassed), files: shown };
  return jsonText(whole);
}

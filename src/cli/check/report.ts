import { styleText } from 'node:util';
import { visible } from '../../lib/visible.js';
import { jsonText } from '../output.js';
import type { Checked, Finding } from './findings.js';

/** In which form findings are shown. */
export const formats = ['text', 'json', 'github'] as const;

export type Format = (typeof formats)[number];

type Style = Parameters<typeof styleText>[0];

/** What was found, ready to be written out, ending in a new line. */
export function report(checked: Checked, format: Format, { color }: { color: boolean }): string {
  switch (format) {
    case 'text':
      return textReport(checked, color);
    case 'json':
      return jsonReport(checked);
    case 'github':
      return githubReport(checked);
  }
}

function textReport({ files, findings }: Checked, color: boolean): string {
  const paint = (style: Style, text: string) =>
    color ? styleText(style, text, { validateStream: false }) : text;
  const blocks = findings.map((finding) => {
    const { file, line, column, severity, message } = finding;
    const word = paint(severity === 'error' ? ['bold', 'red'] : ['bold', 'yellow'], severity);
    const head = `${paint('bold', `${visible(file)}:${line}:${column}`)}: ${word}: ${visible(message)}\n`;
    return head + excerpt(finding, paint);
  });
  return [...blocks, `${summary({ files, findings })}\n`].join('\n');
}

/** The line, and a mark under the word that the finding is about. */
function excerpt({ source, line, column }: Finding, paint: (style: Style, text: string) => string) {
  if (source === undefined || source.trim() === '') return '';
  const number = String(line).padStart(4);
  const before = visible(source.slice(0, column - 1), '\t');
  const indent = before.replace(/[^\t]/g, ' ');
  const bar = paint('dim', '|');
  const mark = paint('cyan', '^'.repeat(visible(wordAt(source, column - 1)).length));
  return (
    `${paint('dim', number)} ${bar} ${visible(source, '\t')}\n` +
    `${' '.repeat(number.length)} ${bar} ${indent}${mark}\n`
  );
}

/** The key, value or quoted text that begins at an index of a line. */
function wordAt(source: string, index: number): string {
  const word = /^(?:"[^"]*"|'[^']*'|[^\s,:{}[\]()"'#]+)/.exec(source.slice(index));
  return word?.[0] ?? '^';
}

/** `6 files, 2 errors, 1 warning` */
function summary({ files, findings }: Checked): string {
  const count = (severity: string) => findings.filter((each) => each.severity === severity).length;
  const errors = count('error');
  const warnings = count('warning');
  return [numbered(files, 'file'), numbered(errors, 'error'), numbered(warnings, 'warning')].join(
    ', ',
  );
}

function numbered(count: number, word: string): string {
  return `${count === 0 ? 'no' : count} ${word}${count === 1 ? '' : 's'}`;
}

function jsonReport({ files, findings }: Checked): string {
  const count = (severity: string) => findings.filter((each) => each.severity === severity).length;
  const listed = findings.map(({ source: _, ...finding }) => finding);
  const whole = { files, errors: count('error'), warnings: count('warning'), findings: listed };
  return jsonText(whole);
}

/** Commands that GitHub shows beside the lines of a pull request. (GitHub's "workflow commands") */
function githubReport(checked: Checked): string {
  const commands = checked.findings.map(({ severity, file, line, column, message }) => {
    const place = `file=${escapeProperty(file)},line=${line},col=${column}`;
    return `::${severity} ${place},title=jidoka check::${escapeData(visible(message, '\n'))}\n`;
  });
  return `${commands.join('')}${summary(checked)}\n`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

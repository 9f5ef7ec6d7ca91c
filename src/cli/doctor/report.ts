import { styleText } from 'node:util';
import type { Finding, Level, Section } from '../../lib/finding.js';
import { visible } from '../../lib/visible.js';

const words: Readonly<Record<Level, string>> = {
  ok: 'ok',
  note: 'note',
  warning: 'WARNING',
  wrong: 'WRONG',
};

const styles = { ok: 'green', note: 'cyan', warning: 'yellow', wrong: 'red' } as const;

const nameWidth = 14;
const levelWidth = 9;
const lineWidth = 80;

const askedText = 'Checked with the environment of this shell; Engine asks the running engine.';

/** The findings as a person reads them, the verdict last. Coloured where the terminal has colours. */
export function renderReport(sections: readonly Section[]): string {
  const lines = sections.flatMap(({ name, findings }) =>
    findings.flatMap((finding, index) => renderFinding(index === 0 ? name : '', finding)),
  );
  return `${[...lines, '', askedText, verdict(sections)].join('\n')}\n`;
}

/** How many findings of a level there are. */
export function countOf(sections: readonly Section[], level: Level): number {
  return sections.flatMap(({ findings }) => findings).filter((one) => one.level === level).length;
}

function renderFinding(name: string, { level, text, why, fix }: Finding): string[] {
  const indent = ' '.repeat(nameWidth + levelWidth);
  const width = lineWidth - indent.length;
  const [first = '', ...more] = wrap(text, width);
  const word = styled(level, words[level].padEnd(levelWidth));
  return [
    `${name.padEnd(nameWidth)}${word}${first}`,
    ...more.map((line) => `${indent}${line}`),
    ...told('why', why, indent, width),
    ...told('fix', fix, indent, width),
  ];
}

function told(word: string, text: string | undefined, indent: string, width: number): string[] {
  if (text === undefined) return [];
  const label = `${word}: `.padEnd(6);
  return wrap(text, width - label.length).map(
    (line, index) => `${indent}${index === 0 ? label : ' '.repeat(label.length)}${line}`,
  );
}

/** Breaks at spaces; a word that is longer than a line stays whole, so that it can be copied. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of visible(text, '\n\t').split(/\s+/)) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

function verdict(sections: readonly Section[]): string {
  const wrongs = countOf(sections, 'wrong');
  const warnings = countOf(sections, 'warning');
  const faults = wrongs === 0 ? 'nothing is wrong' : `wrong: ${wrongs}`;
  const hints = warnings === 0 ? '' : `, warnings: ${warnings}`;
  return styled(wrongs > 0 ? 'wrong' : warnings > 0 ? 'warning' : 'ok', `${faults}${hints}`);
}

function styled(level: Level, text: string): string {
  return styleText(styles[level], text, { stream: process.stdout });
}

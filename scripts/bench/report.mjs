// `npm run bench -- --json > results.json`, then `node scripts/bench/report.mjs results.json`: puts the
// results into docs/contributors/performance.md, between its two marks.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { machineLines } from './machine.mjs';
import { columns, rowOf } from './table.mjs';

const document = fileURLToPath(new URL('../../docs/contributors/performance.md', import.meta.url));
const [begin, end] = ['<!-- results: begin -->', '<!-- results: end -->'];

const [file] = process.argv.slice(2);
if (file === undefined) fail('which results? `npm run bench -- --json > results.json` writes some');
const results = JSON.parse(readFileSync(file, 'utf8'));
const text = readFileSync(document, 'utf8');
const [before, rest] = text.split(begin);
const after = rest?.split(end)[1];
if (after === undefined)
  fail(`${document}: expected ${begin} and ${end}, each on a line of its own`);
writeFileSync(document, `${before}${begin}\n\n${markdown(results)}\n\n${end}${after}`);

function markdown(all) {
  const { figures, notes, faults } = all;
  const names = [...new Set([...figures, ...notes].map(({ part }) => part))];
  const tables = names.map((name) => {
    const rows = figures.filter(({ part }) => part === name).map(rowOf);
    const said = notes.filter(({ part }) => part === name).map((note) => `${note.text}\n`);
    return [`### ${name}\n`, ...said, ...(rows.length === 0 ? [] : [table(rows)])].join('\n');
  });
  const failed = faults.map(({ part, message }) => `${part} could not be measured: ${message}`);
  return [machineLines(all).join('  \n'), ...tables, ...failed].join('\n\n');
}

function table(rows) {
  const lines = [columns.map((name) => name || ' '), columns.map(() => '---'), ...rows];
  return lines
    .map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`)
    .join('\n');
}

function fail(message) {
  console.error(message);
  process.exit(2);
}

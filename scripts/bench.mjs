// `npm run bench`: how fast the engine is, each figure beside a mark that was measured in the same round.
// `--only intake,idle` measures some of it, `--rounds 1 --quick` tries it out, `--json` is for machines
// and for `scripts/bench/report.mjs`. Nothing is asserted: a busy machine measures itself.
import { parseArgs } from 'node:util';
import { parts } from './bench/parts.mjs';
import { prepare } from './prepare.mjs';

const names = parts.map(({ name }) => name);
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: names.join(',') },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const wanted = values.only.split(',');
const unknown = wanted.filter((name) => !names.includes(name));
if (!Number.isInteger(rounds) || rounds < 1)
  fail(`--rounds: expected a number from 1, got "${values.rounds}"`);
if (unknown.length > 0)
  fail(`--only: expected some of ${names.join(', ')}, got "${unknown.join(', ')}"`);
prepare();

const { createFigures, render } = await import('./bench/table.mjs');
const { describeMachine, machineLines } = await import('./bench/machine.mjs');

const figures = createFigures();
const versions = {};
const notes = [];
const size = values.quick
  ? {
      seconds: 1,
      alerts: 20,
      actions: 100,
      open: 1_000,
      count: 1_000,
      queued: 5_120,
      past: 10_000,
    }
  : {
      seconds: 4,
      alerts: 200,
      actions: 1_000,
      open: 10_000,
      count: 10_000,
      queued: 10_240,
      past: 1_000_000,
    };
const faults = [];
for (let round = 1; round <= rounds; round += 1) {
  for (const { name, once, load } of parts) {
    if (!wanted.includes(name) || (once && round > 1)) continue;
    process.stderr.write(`${once ? 'once' : `round ${round} of ${rounds}`}: ${name}\n`);
    await measure(name, await load());
  }
}

const result = {
  measuredAt: new Date().toISOString(),
  rounds,
  isQuick: values.quick,
  machine: await describeMachine(versions),
  figures: figures.all(),
  notes,
  faults,
};
if (values.json) {
  console.log(JSON.stringify(result, null, 2));
} else {
  const width = process.stdout.columns ?? 100;
  console.log(['', ...machineLines(result), '', render(result.figures, width)].join('\n'));
  for (const { part, text } of notes) console.log(`\n${part}: ${text}`);
  for (const { part, message } of faults)
    console.log(`\n${part} could not be measured: ${message}`);
}
process.exit(faults.length > 0 ? 1 : 0);

/** A part that fails leaves the others their figures. */
async function measure(part, run) {
  try {
    await run({
      ...size,
      record: (figure) => figures.record({ part, ...figure }),
      version: (name, version) => {
        versions[name] = version;
      },
      note: (text) => {
        if (!notes.some((known) => known.part === part && known.text === text))
          notes.push({ part, text });
      },
    });
  } catch (error) {
    const { message } = error;
    process.stderr.write(`${part}: ${message}\n`);
    if (!faults.some((known) => known.part === part)) faults.push({ part, message });
  }
}

function fail(message) {
  console.error(message);
  process.exit(2);
}

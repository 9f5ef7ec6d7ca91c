// `npm run bench`: how fast the engine is, each figure beside a mark that was measured in the same round.
// `--only intake,idle` measures some of it, `--rounds 1 --quick` tries it out, `--json` is for machines.
// Nothing is asserted: a busy machine measures itself.
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { prepare } from './prepare.mjs';

const parts = ['intake', 'idle', 'starvation', 'decisions', 'playbooks', 'footprint'];
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: parts.join(',') },
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const wanted = values.only.split(',');
const unknown = wanted.filter((name) => !parts.includes(name));
if (!Number.isInteger(rounds) || rounds < 1)
  fail(`--rounds: expected a number from 1, got "${values.rounds}"`);
if (unknown.length > 0)
  fail(`--only: expected some of ${parts.join(', ')}, got "${unknown.join(', ')}"`);
prepare();

const { createFigures, render } = await import('./bench/table.mjs');
const { measureIntake } = await import('./bench/intake.mjs');
const { measureIdle } = await import('./bench/idle.mjs');
const { measureStarvation } = await import('./bench/starvation.mjs');
const { measureDecisions } = await import('./bench/decisions.mjs');
const { measurePlaybooks } = await import('./bench/playbooks.mjs');
const { measureFootprint } = await import('./bench/footprint.mjs');

const figures = createFigures();
const { record } = figures;
const size = values.quick
  ? { seconds: 1, alerts: 20, actions: 100, open: 1_000, count: 1_000 }
  : { seconds: 4, alerts: 200, actions: 1_000, open: 10_000, count: 10_000 };
const measures = {
  intake: measureIntake,
  idle: measureIdle,
  starvation: measureStarvation,
  decisions: measureDecisions,
  playbooks: measurePlaybooks,
  footprint: measureFootprint,
};
for (let round = 1; round <= rounds; round += 1) {
  for (const name of parts.filter((part) => wanted.includes(part))) {
    process.stderr.write(`round ${round} of ${rounds}: ${name}\n`);
    await measures[name]({ ...size, record });
  }
}

const machine = {
  node: process.version,
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cpus: cpus().length,
  rounds,
  quick: values.quick,
};
if (values.json) {
  console.log(JSON.stringify({ machine, figures: figures.all() }, null, 2));
} else {
  console.log(`\nNode ${machine.node}, ${machine.cpus} × ${machine.cpu}, ${rounds} rounds`);
  console.log(render(figures.all()));
}
process.exit(0);

function fail(message) {
  console.error(message);
  process.exit(2);
}

// `npm run test:chaos -- --deliveries 10000 --seed 3`: a storm of that size. With it come at least a
// kill of an engine for every 50 deliveries and a restart of Redis for every 500; and the ledger is
// emptied once for every 100. Runs are cancelled while an engine is killed for every 10, and 200 times at least.
import { parseArgs } from 'node:util';
import { prepare } from './prepare.mjs';

const { values } = parseArgs({
  options: {
    deliveries: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
  },
});
for (const [name, value] of Object.entries(values)) {
  if (/^\d+$/.test(value)) continue;
  console.error(`--${name}: expected a whole number, got "${value}"`);
  process.exit(2);
}
prepare();
process.env.CHAOS_DELIVERIES = values.deliveries;
process.env.CHAOS_SEED = values.seed;
process.argv = [
  process.argv[0],
  'vitest',
  'run',
  'test/chaos/storm.test.ts',
  'test/chaos/emptied.test.ts',
  'test/chaos/cancelled.test.ts',
];
await import('../node_modules/vitest/vitest.mjs');

// `npm run test:fuzz [-- --minutes 60] [test/unit …]`: runs the property tests round after round, each with
// a random seed, until the time is over or one fails. A failed round names its seed.
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { prepare } from './prepare.mjs';

const { values, positionals } = parseArgs({
  options: { minutes: { type: 'string', default: '10' } },
  allowPositionals: true,
});
if (!/^\d+$/.test(values.minutes)) {
  console.error(`--minutes: expected a whole number, got "${values.minutes}"`);
  process.exit(2);
}
prepare();
const root = fileURLToPath(new URL('..', import.meta.url));
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const files = readdirSync(join(root, 'test'), { recursive: true })
  .map((name) => join('test', name))
  .filter((file) => file.endsWith('.test.ts'))
  .filter((file) => positionals.length === 0 || positionals.some((part) => file.includes(part)))
  .filter((file) => readFileSync(join(root, file), 'utf8').includes("from 'fast-check'"));
if (files.length === 0) {
  console.error(`no file of property tests has ${positionals.join(' or ')} in its path`);
  process.exit(2);
}
const endMs = Date.now() + Number(values.minutes) * 60_000;
let rounds = 0;
do {
  const seed = randomInt(2 ** 31);
  rounds += 1;
  console.log(`round ${rounds}: JIDOKA_TEST_SEED=${seed}`);
  const { status } = spawnSync(
    process.execPath,
    [vitest, 'run', '--reporter=dot', '--testTimeout=600000', ...files],
    {
      cwd: root,
      env: { ...process.env, JIDOKA_TEST_SEED: String(seed) },
      stdio: 'inherit',
    },
  );
  if (status !== 0) {
    console.error(`failed; to repeat it: JIDOKA_TEST_SEED=${seed} npm test -- <file>`);
    process.exit(1);
  }
} while (Date.now() < endMs);
console.log(`${rounds} rounds, ${files.length} files: no property failed`);

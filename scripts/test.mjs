// `npm test`: all tests but those of the deployment (`npm run test:deploy`); `npm test -- test/unit` (or any other
// argument of vitest) some of them.
import { prepare } from './prepare.mjs';

prepare();
const chosen = process.argv.slice(2);
const projects = chosen.includes('--project') ? [] : ['--project', '!deploy'];
process.argv = [process.argv[0], 'vitest', 'run', ...projects, ...chosen];
await import('../node_modules/vitest/vitest.mjs');

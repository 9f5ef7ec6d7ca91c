// `npm test`: all tests; `npm test -- test/unit` (or any other argument of vitest) some of them.
import { prepare } from './prepare.mjs';

prepare();
process.argv = [process.argv[0], 'vitest', 'run', ...process.argv.slice(2)];
await import('../node_modules/vitest/vitest.mjs');

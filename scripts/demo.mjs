// `npm run demo`: shows the loop on simulated targets, in this very process, so that signals reach it.
import { pathToFileURL } from 'node:url';
import { prepare } from './prepare.mjs';

const main = prepare();
process.argv = [process.argv[0], main, 'demo', ...process.argv.slice(2)];
await import(pathToFileURL(main));

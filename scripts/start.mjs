// `npm start`: runs the engine, in this very process, so that signals reach it.
import { pathToFileURL } from 'node:url';
import { prepare } from './prepare.mjs';

const main = prepare();
process.argv = [process.argv[0], main, 'serve', '--make-admin-token', ...process.argv.slice(2)];
await import(pathToFileURL(main));

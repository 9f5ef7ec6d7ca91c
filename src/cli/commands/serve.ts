import { keepHeapsSmall } from '../../lib/heaps.js';
import { defineCommand, exitWith } from './shared.js';

/** Defines `jidoka serve`. */
export function serveCommand() {
  return defineCommand('serve')
    .description(
      'Run the engine until SIGTERM or Ctrl+C. Environment variables configure it. It reloads changed playbooks within seconds, or at once on SIGHUP.',
    )
    .summary('run the engine')
    .option(
      '--make-admin-token',
      'without JIDOKA_ADMIN_TOKEN, use the token in ~/.config/jidoka/admin-token, and create it if it is missing (npm start does this)',
    )
    .action((options) => {
      // until it has started
      keepHeapsSmall();
      return exitWith(import('../serve.js').then(({ serve }) => serve(options, process.env)));
    });
}

import type { App, AppOptions } from './app-options.js';
import { startWorkerThread } from './start-worker-thread.js';

/**
 * Starts the engine, or the half of it that its role names. Each half is loaded where it runs only: on
 * this event loop, or, where both run, the worker on another, which loads at the same time.
 *
 * @throws InputError for settings and playbooks that cannot be used; whatever listening or Redis throws.
 */
export async function startApp(options: AppOptions): Promise<App> {
  const { config, markerDir, onDeath } = options;
  if (config.role === 'worker') {
    const { startWorkerProcess } = await import('./worker-process.js');
    return startWorkerProcess(options);
  }
  const both = config.role === 'all';
  const thread = both ? startWorkerThread({ config, markerDir }, onDeath) : undefined;
  const { startServer } = await import('./server.js');
  return startServer({ ...options, thread });
}

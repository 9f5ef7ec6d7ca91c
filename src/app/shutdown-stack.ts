import { messageOf } from '../lib/errors.js';
import type { Logger } from '../lib/logger.js';

/** What a start has to take back at the stop, or when it fails half-way: the last first. */
export function createShutdownStack(log: Logger) {
  const steps: (() => Promise<unknown> | unknown)[] = [];

  /** Takes everything back, once. Never throws: what fails is logged, and the rest goes on. */
  async function run(): Promise<void> {
    for (const step of steps.splice(0).reverse()) {
      try {
        await step();
      } catch (error) {
        log.warn({ fault: messageOf(error) }, 'shutdown step failed');
      }
    }
  }

  return { push: (...more: typeof steps) => void steps.push(...more), run };
}

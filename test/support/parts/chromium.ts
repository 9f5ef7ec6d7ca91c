import { ensureProgram } from '../../../src/local/packages.js';

/** Finds the browser, installing its package where needed. */
export async function findChromium(
  log: (line: string) => void,
): Promise<{ readonly path: string }> {
  return { path: await ensureProgram({ program: 'chromium', package: 'chromium', log }) };
}

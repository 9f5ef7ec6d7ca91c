import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signIn, startBrowser } from './browser.js';
import { startJidoka } from './jidoka.js';
import { startService } from './parts/docker.js';
import { usePart } from './parts.js';

/** What the tests of the console run on: a browser, a real service and an engine with both tokens. */
export type ConsoleWorld = Awaited<ReturnType<typeof startConsoleWorld>>;

/**
 * Starts it, with an operator signed in. Stop it at the end.
 *
 * @param name tells its service and its cell from those of others
 * @param options.fill writes the playbooks into their folder, before the engine starts
 * @param options.env what else the engine is told
 */
export async function startConsoleWorld(
  name: string,
  {
    fill = async () => {},
    env = {},
  }: {
    readonly fill?: (folder: string) => Promise<void>;
    readonly env?: Readonly<Record<string, string>>;
  } = {},
) {
  const cell = `${name}-${randomUUID()}`;
  const adminToken = `admin-${randomUUID()}`;
  const viewerToken = `viewer-${randomUUID()}`;
  const undo: (() => Promise<unknown>)[] = [];
  async function stop(): Promise<void> {
    for (const step of undo.splice(0).reverse()) await step();
  }

  try {
    const browser = await startBrowser();
    undo.push(() => browser.close());
    const service = await startService({
      name: `${name}-${randomUUID().slice(0, 8)}`,
      replicas: 1,
    });
    undo.push(() => service.remove());
    const folder = await mkdtemp(join(tmpdir(), `jidoka-${name}-`));
    undo.push(() => rm(folder, { recursive: true }));
    await fill(folder);
    const jidoka = await startJidoka({
      REDIS_URL: usePart('redis').url,
      JIDOKA_CELL: cell,
      DOCKER_HOST: usePart('docker').dockerHost,
      JIDOKA_PLAYBOOKS: folder,
      JIDOKA_ADMIN_TOKEN: adminToken,
      JIDOKA_VIEWER_TOKEN: viewerToken,
      ...env,
    });
    undo.push(() => jidoka.stop());
    const operator = await browser.open(jidoka.url);
    await signIn(operator, adminToken, 'ada');
    return { cell, adminToken, viewerToken, browser, service, folder, jidoka, operator, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

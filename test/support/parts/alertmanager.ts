import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startChild, untilReady } from '../../../src/local/child.js';
import { ensureProgram } from '../../../src/local/packages.js';
import { usePart } from '../parts.js';
import { answers, makeDir, onFreePort } from './place.js';

/** Paths of the programs that come with Alertmanager. */
export interface AlertmanagerPrograms {
  readonly alertmanager: string;
  readonly amtool: string;
}

/** Finds the programs, installing their package where needed. */
export async function findAlertmanager(log: (line: string) => void): Promise<AlertmanagerPrograms> {
  const of = (program: string) =>
    ensureProgram({ program, package: 'prometheus-alertmanager', log });
  return { alertmanager: await of('prometheus-alertmanager'), amtool: await of('amtool') };
}

/**
 * A real Alertmanager for one test, on a loopback port, without a cluster. `config` is what its
 * configuration file holds. Stop it at the end.
 */
export async function startAlertmanager(options: {
  readonly config: object;
  /** Left out, a free one. */
  readonly port?: number;
}): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const { alertmanager } = usePart('alertmanager');
  const dir = await makeDir('alertmanager');
  // JSON is YAML
  await writeFile(join(dir, 'alertmanager.yml'), JSON.stringify(options.config));
  return onFreePort(async (free) => {
    const port = options.port ?? free;
    const url = `http://127.0.0.1:${port}`;
    const child = startChild({
      command: [
        alertmanager,
        `--config.file=${join(dir, 'alertmanager.yml')}`,
        `--storage.path=${join(dir, 'data')}`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--cluster.listen-address=',
        '--log.level=warn',
      ],
      deathSignal: 'SIGTERM',
      onLine: () => {},
    });
    await untilReady(child, {
      ready: () => answers(`${url}/-/ready`),
      timeoutMs: 30_000,
      failure: (detail) => new Error(`Alertmanager did not start: it ${detail}`),
    });
    return { url, stop: () => child.stop(10_000) };
  });
}

import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { loadOwn } from '../../src/app/playbooks.js';
import { createActiveSet, type PublishedBy } from '../../src/engine/playbook-set/active-set.js';
import {
  createPlaybookChecker,
  type OwnPlaybooks,
} from '../../src/engine/playbook-set/playbook-checker.js';
import { createReloader } from '../../src/engine/playbook-set/reload.js';
import { createMetrics } from '../../src/lib/metrics.js';
import { readPlaybooks } from '../../src/playbook/read.js';
import type { Bench } from './engine.js';
import { makeDir } from './parts/place.js';

/** An engine of the bench's cell as far as its playbooks go: a real folder, and what it makes of it. */
export type Reloading = Awaited<ReturnType<typeof startReloading>>;

/**
 * @param files name → text of what is in the folder
 * @param options.policy a policy outside of the folder
 * @param options.publishing runs before each publication; what it throws, Redis has thrown
 */
export async function startReloading(
  bench: Bench,
  files: Readonly<Record<string, string>>,
  options: { readonly policy?: string; readonly publishing?: () => Promise<void> } = {},
) {
  const folder = await makeDir('playbooks');
  const { policy, publishing = async () => {} } = options;
  await write(files);
  const { clock, ledger } = bench;
  const actions = new Map([[bench.targets.action.name, bench.targets.action]]);
  const logged: { readonly level: number; readonly msg: string }[] = [];
  const log = pino({}, { write: (line: string) => logged.push(JSON.parse(line)) });
  const metrics = createMetrics();
  const check = createPlaybookChecker(actions);
  const own = await loadOwn({ playbooks: folder, policy }, check);
  const set = createActiveSet({ ledger, check, own, clock, log });
  await set.publish(own, 'start');
  let reads = 0;
  const reloader = createReloader({
    own,
    check,
    async read() {
      reads += 1;
      return readPlaybooks(folder, policy);
    },
    async publish(changed: OwnPlaybooks, by: PublishedBy) {
      await publishing();
      await set.publish(changed, by);
    },
    clock,
    metrics,
    log,
  });

  /** As an editor does that never leaves a file half-written. */
  async function write(texts: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, text] of Object.entries(texts)) {
      const path = join(folder, name);
      await writeFile(`${path}~`, text);
      await rename(`${path}~`, path);
    }
  }

  return {
    ...reloader,
    folder,
    set,
    write,
    logged,
    remove: (name: string) => rm(join(folder, name), { recursive: true }),
    /** How often the folder was read. */
    reads: () => reads,
    /** The names of the playbooks that decide here. */
    names: () => set.active().library.playbooks.map(({ name }) => name),

    /** Looks often enough to take a change that has come to rest. */
    async settle(): Promise<void> {
      await reloader.look();
      await reloader.look();
    },

    async gauge(name: string): Promise<number | undefined> {
      const found = await metrics.registry.getSingleMetric(name)?.get();
      return found?.values[0]?.value;
    },
  };
}

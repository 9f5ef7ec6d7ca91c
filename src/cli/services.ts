import type { DescribedServicesView, DescribedServiceView } from '../api/services-schema.js';
import { serviceView } from '../api/services-view.js';
import { createProver } from '../engine/proof/prove.js';
import { proveServices, saysSomething } from '../engine/proof/service-list.js';
import { loadShortcuts } from '../monitoring/shortcuts.js';
import { adminTokenFor } from './admin-token.js';
import { createEngineClient, defaultEngineUrl } from './engine-client.js';
import { loadFolder } from './explain/offline.js';
import { type Output, write, writeJson } from './output.js';
import { explainOnStack } from './services/explain-stack.js';
import { renderServices, type ShownService } from './services/render.js';
import { readStackFile } from './services/stack-file.js';
import { UsageError } from './usage-error.js';

const callTimeoutMs = 60_000;

/** The options of `jidoka services`. */
export interface ServicesOptions {
  readonly check?: boolean | undefined;
  readonly stackFile?: string | undefined;
  readonly playbooks?: string | undefined;
  readonly url?: string | undefined;
  readonly output: Output;
}

/** `jidoka services`: what services say about themselves, and the chains of their alerts. Returns the exit code. */
export async function services(options: ServicesOptions, env: NodeJS.ProcessEnv): Promise<number> {
  const { check = false, stackFile, playbooks, url, output } = options;
  if (playbooks !== undefined && stackFile === undefined) {
    throw new UsageError('--playbooks: expected --stack-file; an engine has its own playbooks');
  }
  const items =
    stackFile === undefined
      ? await readFromEngine(url, env)
      : await readFromStack(stackFile, playbooks, env);
  if (output === 'json') await writeJson({ items });
  else await write(renderServices(items));
  return check && items.some(isWrong) ? 1 : 0;
}

/** Whether a label is not valid, or a link of a chain does not hold. */
function isWrong({ alerts, faults }: DescribedServiceView): boolean {
  return faults.length > 0 || alerts.some(({ chain }) => chain.some(({ state }) => state === 'no'));
}

async function readFromEngine(
  url: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<readonly DescribedServiceView[]> {
  const engine = createEngineClient({
    url: url ?? defaultEngineUrl(env),
    adminToken: adminTokenFor(url, env),
    timeoutMs: callTimeoutMs,
  });
  const items: DescribedServiceView[] = [];
  let next: string | null = null;
  do {
    const query: string = next === null ? '' : `?before=${encodeURIComponent(next)}`;
    const page: DescribedServicesView = await engine.read(`services${query}`);
    items.push(...page.items);
    next = page.next;
  } while (next !== null);
  return items;
}

async function readFromStack(
  file: string,
  playbooks: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<readonly ShownService[]> {
  const shortcuts = loadShortcuts(env.JIDOKA_SHORTCUTS || undefined);
  const stack = await readStackFile(file, shortcuts, env);
  const nowMs = Date.now();
  const prove = createProver({
    ...{ prometheuses: [], alertmanagers: [], receiver: undefined },
    unasked: 'a stack file does not tell',
    explain:
      playbooks === undefined
        ? () => Promise.reject(new Error('--playbooks is not given'))
        : explainOnStack(await loadFolder(env, playbooks), stack, {
            workerAsg: env.JIDOKA_WORKER_ASG ?? '',
            nowMs,
          }),
    clock: { now: () => nowMs },
  });
  const shown = stack.filter(
    ({ described, warnings }) => saysSomething(described) || warnings.length > 0,
  );
  const proven = await proveServices(
    prove,
    shown.map(({ described }) => described),
    [],
  );
  return proven.map((service, index) => ({
    ...serviceView(service),
    warnings: shown[index]?.warnings ?? [],
  }));
}

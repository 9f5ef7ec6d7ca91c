import type { Source } from '../alertmanager/source.js';
import type { ShownExplanation } from '../api/explain-schema.js';
import { adminTokenFor } from './admin-token.js';
import { createEngineClient, defaultEngineUrl } from './engine-client.js';
import { type Given, readGiven } from './explain/given.js';
import { explainFolder } from './explain/offline.js';
import { renderExplanations } from './explain/render.js';
import { type Output, write, writeJson } from './output.js';
import { UsageError } from './usage-error.js';

const callTimeoutMs = 60_000;

/** The options of `jidoka explain`. */
export interface ExplainOptions {
  readonly alert?: string | undefined;
  readonly source?: Source | undefined;
  readonly playbook?: string | undefined;
  readonly all?: boolean | undefined;
  readonly output: Output;
  readonly url?: string | undefined;
  readonly playbooks?: string | undefined;
}

/** `jidoka explain`: why an alert is, or is not, acted on. Returns the exit code. */
export async function explain(
  labels: readonly string[],
  { alert, source, playbook, all = false, output, url, playbooks }: ExplainOptions,
  env: NodeJS.ProcessEnv,
): Promise<number> {
  if (url !== undefined && playbooks !== undefined) {
    throw new UsageError('expected --url (an engine) or --playbooks (no engine), not both');
  }
  const given = await readGiven(alert, labels);
  const items =
    playbooks === undefined
      ? await askEngine(env, url, given, { source, playbook, all })
      : await explainFolder(env, playbooks, { alerts: from(given, source), playbook, all });
  if (output === 'json') {
    await writeJson({ items });
  } else {
    // a terminal that does not know its width says 0
    const columns = process.stdout.columns || undefined;
    await write(renderExplanations(items, { playbook, columns }));
  }
  return 0;
}

interface Asked {
  readonly source: Source | undefined;
  readonly playbook: string | undefined;
  readonly all: boolean;
}

/** The alerts that were given, from the source that was. */
function from({ alerts }: Given, source: Source | undefined): Given['alerts'] {
  return source === undefined ? alerts : alerts.map((alert) => ({ ...alert, source }));
}

async function askEngine(
  env: NodeJS.ProcessEnv,
  url: string | undefined,
  given: Given,
  { source, playbook, all }: Asked,
): Promise<readonly ShownExplanation[]> {
  const adminToken = adminTokenFor(url, env);
  const engine = createEngineClient({
    url: url ?? defaultEngineUrl(env),
    adminToken,
    timeoutMs: callTimeoutMs,
  });
  const query = new URLSearchParams({
    all: String(all),
    ...(playbook && { playbook }),
    ...(source && { source }),
  });
  const path = `/api/v1/explain?${query}`;
  const { items } = await engine.post<{ items: readonly ShownExplanation[] }>(
    path,
    given.body,
    adminToken,
  );
  return items;
}

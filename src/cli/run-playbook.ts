import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import type { ShownExplanation } from '../api/explain-schema.js';
import type { manualRunSchema } from '../api/request-schema.js';
import { visible } from '../lib/visible.js';
import { adminTokenFor } from './admin-token.js';
import { createEngineClient, defaultEngineUrl, type EngineClient } from './engine-client.js';
import { renderExplanations } from './explain/render.js';
import { readPairs } from './fire/labels.js';
import { type Output, write, writeJson } from './output.js';
import { operatorOf } from './pause/operator.js';
import { UsageError } from './usage-error.js';

/** The options of `jidoka run`. */
export interface RunPlaybookOptions {
  readonly why?: string | undefined;
  readonly by?: string | undefined;
  readonly dryRun?: boolean | undefined;
  readonly key?: string | undefined;
  readonly url?: string | undefined;
  readonly output: Output;
}

type ManualRun = z.output<typeof manualRunSchema>;

/** It waits for the decision, and a preview reads targets. */
const callTimeoutMs = 60_000;

/** `jidoka run`: runs a playbook, or shows what that would do. Returns the exit code: 1 for a run that failed. */
export async function runPlaybook(
  playbook: string,
  words: readonly string[],
  { why, by, dryRun = false, key = randomUUID(), url, output }: RunPlaybookOptions,
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const labels = readPairs(words, 'label');
  const adminToken = adminTokenFor(url, env);
  const engine = createEngineClient({
    url: url ?? defaultEngineUrl(env),
    adminToken,
    timeoutMs: callTimeoutMs,
  });
  if (dryRun) return preview(engine, { playbook, labels, adminToken, output });
  if (why === undefined || why.trim() === '') {
    throw new UsageError('--why: expected a reason, which is kept with the run');
  }
  const body = { labels, by: operatorOf(by, env), why, key };
  const path = `/api/v1/playbooks/${encodeURIComponent(playbook)}/run`;
  const result = await post(engine, path, body, adminToken);
  if (output === 'json') await writeJson({ ...result, key });
  else await write(`${visible(describe(playbook, result, key))}\n`);
  return result.state === 'failed' ? 1 : 0;
}

/** @throws an error with the key: without an answer the request may have been taken. */
async function post(
  engine: EngineClient,
  path: string,
  body: { readonly key: string },
  adminToken: string | undefined,
): Promise<ManualRun> {
  try {
    return await engine.post<ManualRun>(path, body, adminToken);
  } catch (error) {
    const advice = `To try again without a second run: --key ${body.key}`;
    if (error instanceof Error) error.message = `${error.message}. ${advice}`;
    throw error;
  }
}

async function preview(
  engine: EngineClient,
  asked: {
    readonly playbook: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly adminToken: string | undefined;
    readonly output: Output;
  },
): Promise<number> {
  const { playbook, labels, adminToken, output } = asked;
  const query = new URLSearchParams({ playbook, source: 'manual' });
  // a playbook may need no label besides those that it has itself
  const alert = { labels: { alertname: '', ...labels } };
  const path = `/api/v1/explain?${query}`;
  const { items } = await engine.post<{ items: readonly ShownExplanation[] }>(
    path,
    alert,
    adminToken,
  );
  const columns = process.stdout.columns || undefined;
  if (output === 'json') await writeJson({ items });
  else await write(renderExplanations(items, { playbook, columns }));
  return 0;
}

/** `scale-up: run Xq3v started. Asked to scale web …` */
function describe(playbook: string, { alert, run: id, state, detail }: ManualRun, key: string) {
  const about = id === null ? `alert ${alert}` : `run ${id}`;
  const said = detail === '' ? '' : `: ${detail}`;
  switch (state) {
    case 'queued':
      return `${playbook}: accepted, not decided yet (${about}). Ask again with --key ${key}`;
    case 'held':
      return `${playbook}: deferred (${about})${said}`;
    case 'working':
    case 'applied':
      return `${playbook}: started (${about})${said}`;
    case 'done':
    case 'failed':
      return `${playbook}: ${state} (${about})${said}`;
  }
}

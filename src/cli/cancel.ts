import type { z } from 'zod';
import type { runSchema } from '../api/run-schema.js';
import { visible } from '../lib/visible.js';
import { adminTokenFor } from './admin-token.js';
import { createEngineClient, defaultEngineUrl } from './engine-client.js';
import { operatorOf } from './pause/operator.js';

/** The options of `jidoka cancel`. */
export interface CancelOptions {
  readonly by?: string | undefined;
  readonly comment?: string | undefined;
  readonly url?: string | undefined;
}

const callTimeoutMs = 10_000;

/** Cancels a run, and says in one line what follows. Returns the exit code. */
export async function cancel(
  id: string,
  { by, comment, url }: CancelOptions,
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const adminToken = adminTokenFor(url, env);
  const engine = createEngineClient({
    url: url ?? defaultEngineUrl(env),
    adminToken,
    timeoutMs: callTimeoutMs,
  });
  const body = { by: operatorOf(by, env), ...(comment !== undefined && { comment }) };
  const path = `/api/v1/runs/${encodeURIComponent(id)}/cancel`;
  const run = await engine.post<z.output<typeof runSchema>>(path, body, adminToken);
  const rest =
    run.state === 'applying' || run.state === 'converging'
      ? 'Jidoka watches the change in progress to its end and sends no other.'
      : 'Jidoka sends no further change.';
  process.stdout.write(`${visible(`${run.cancelled?.by} cancelled run ${id}. ${rest}`)}\n`);
  return 0;
}

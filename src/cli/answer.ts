import type { z } from 'zod';
import type { escalationSchema } from '../api/escalation-schema.js';
import { visible } from '../lib/visible.js';
import { adminTokenFor } from './admin-token.js';
import { createEngineClient, defaultEngineUrl } from './engine-client.js';
import { operatorOf } from './pause/operator.js';

/** The options of `jidoka approve`, `deny`, `ack` and `choose`. */
export interface AnswerOptions {
  readonly by?: string | undefined;
  readonly comment?: string | undefined;
  readonly url?: string | undefined;
}

const callTimeoutMs = 10_000;

/**
 * Answers an escalation, and says so in one line. Returns the exit code.
 *
 * @param choice the id of one of its choices
 */
export async function answer(
  id: string,
  choice: string,
  { by, comment, url }: AnswerOptions,
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const adminToken = adminTokenFor(url, env);
  const engine = createEngineClient({
    url: url ?? defaultEngineUrl(env),
    adminToken,
    timeoutMs: callTimeoutMs,
  });
  const body = { choice, by: operatorOf(by, env), ...(comment !== undefined && { comment }) };
  const path = `/api/v1/escalations/${encodeURIComponent(id)}/answer`;
  const { escalation } = await engine.post<{
    readonly escalation: z.output<typeof escalationSchema>;
  }>(path, body, adminToken);
  const { title, answer: given } = escalation;
  const run = given?.runId ? ` (run ${given.runId})` : '';
  process.stdout.write(`${visible(`${given?.by} chose "${given?.label}": ${title}${run}`)}\n`);
  return 0;
}

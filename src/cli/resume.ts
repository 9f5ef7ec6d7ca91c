import type { Pause, PauseScope } from '../guard/pause.js';
import { visible } from '../lib/visible.js';
import { adminTokenFor } from './admin-token.js';
import { createEngineClient, defaultEngineUrl } from './engine-client.js';
import { operatorOf } from './pause/operator.js';
import {
  describeScope,
  isSameScope,
  readScope,
  type ScopeOptions,
  scopeOf,
} from './pause/scope.js';
import { UsageError } from './usage-error.js';

const callTimeoutMs = 10_000;

/** The options of `jidoka resume`. */
export interface ResumeOptions extends ScopeOptions {
  readonly all?: boolean | undefined;
  readonly by?: string | undefined;
  readonly url?: string | undefined;
}

/** `jidoka resume`: lifts a pause, or all. Returns the exit code. */
export async function resume(
  { all, by, url, ...named }: ResumeOptions,
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const scope = readScope(named);
  if (all && scope.of !== 'everything') {
    throw new UsageError('expected --all or the name of one pause, not both');
  }
  const adminToken = adminTokenFor(url, env);
  const engine = createEngineClient({
    url: url ?? defaultEngineUrl(env),
    adminToken,
    timeoutMs: callTimeoutMs,
  });
  const { items } = await engine.read<{ items: readonly Pause[] }>('pauses');
  const lifted = all ? items : items.filter((one) => isSameScope(one, scope));
  if (lifted.length === 0 && !all) throw new Error(notPaused(scope, items));
  for (const paused of lifted) {
    const body = { ...scopeOf(paused), by: operatorOf(by, env) };
    await engine.post('/api/v1/pauses/lift', body, adminToken);
    process.stdout.write(`${visible(describeScope(paused))} resumed\n`);
  }
  return 0;
}

function notPaused(scope: PauseScope, pauses: readonly Pause[]): string {
  const others = pauses.map(describeScope).join(', ') || 'nothing';
  return `${describeScope(scope)} is not paused; paused: ${others}`;
}

import { adminTokenFor } from './admin-token.js';
import { createEngineClient, defaultEngineUrl } from './engine-client.js';
import { type Output, write, writeJson } from './output.js';
import { readStatus } from './status/read.js';
import { renderStatus } from './status/render.js';

const callTimeoutMs = 10_000;

/** The options of `jidoka status`. */
export interface StatusOptions {
  readonly url?: string | undefined;
  readonly output: Output;
}

/** `jidoka status`: one screen about a running engine. Returns the exit code. */
export async function status(
  { url, output }: StatusOptions,
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const engine = createEngineClient({
    url: url ?? defaultEngineUrl(env),
    adminToken: adminTokenFor(url, env),
    timeoutMs: callTimeoutMs,
  });
  const state = await readStatus(engine);
  if (output === 'json') await writeJson({ url: engine.url, ...state });
  else await write(renderStatus(engine.url, state, Date.now()));
  return state.readiness.ready ? 0 : 1;
}

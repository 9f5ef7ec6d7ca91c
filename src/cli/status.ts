import { readConfig } from '../config.js';
import { runCommand } from './command.js';
import { createEngineClient, defaultEngineUrl } from './engine-client.js';
import { readStatus } from './status/read.js';
import { renderStatus } from './status/render.js';

const usage = `usage: jidoka status [--url URL]

Shows what a running engine does: whether it is ready, what waits for a person, which runs are in
progress, and what is held back and until when.

  --url URL   the engine; http://127.0.0.1:$PORT unless given

JIDOKA_ADMIN_TOKEN is sent along where it is set; an engine on another machine wants it.
Exit code 0: it is ready; 1: it is not, or does not answer; 2: a wrong call.
`;

const callTimeoutMs = 10_000;

/** `jidoka status`: one screen about a running engine. Gives back the exit code. */
export async function status(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return runCommand({
    args,
    usage,
    options: { url: { type: 'string' } },
    async run({ url }) {
      const engine = createEngineClient({
        url: url ?? defaultEngineUrl(env),
        adminToken: readConfig(env).adminToken,
        timeoutMs: callTimeoutMs,
      });
      const state = await readStatus(engine);
      process.stdout.write(renderStatus(engine.url, state, Date.now()));
      return state.readiness.ready ? 0 : 1;
    },
  });
}

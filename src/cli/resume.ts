import { readConfig } from '../config.js';
import type { Pause, PauseScope } from '../guard/pause.js';
import { runCommand, UsageError } from './command.js';
import { createEngineClient, defaultEngineUrl } from './engine-client.js';
import { operatorOf } from './pause/operator.js';
import { describeScope, isSameScope, readScope, scopeOf, scopeOptions } from './pause/scope.js';

const usage = `usage: jidoka resume [--playbook NAME | --target NAME | --direction up|down | --all] [options]

Lifts a pause: that of everything, or the one that is named. What was held is decided again.

  --playbook, --target, --direction   as they were given to jidoka pause
  --all                               every pause there is, if any
  --by NAME                           who lifts it; your login name unless given
  --url URL                           the engine; http://127.0.0.1:$PORT unless given

JIDOKA_ADMIN_TOKEN is sent along where it is set. Exit code 0: lifted; 1: not; 2: a wrong call.
`;

const callTimeoutMs = 10_000;

/** `jidoka resume`: lifts a pause, or all. Gives back the exit code. */
export async function resume(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return runCommand({
    args,
    usage,
    options: {
      ...scopeOptions,
      all: { type: 'boolean', default: false },
      by: { type: 'string' },
      url: { type: 'string' },
    },
    async run({ all, by, url, ...named }) {
      const scope = readScope(named);
      if (all && scope.of !== 'everything') {
        throw new UsageError('expected --all or the name of one pause, not both');
      }
      const { adminToken } = readConfig(env);
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
        process.stdout.write(`${describeScope(paused)} goes on\n`);
      }
      return 0;
    },
  });
}

function notPaused(scope: PauseScope, pauses: readonly Pause[]): string {
  const others = pauses.map(describeScope).join(', ') || 'nothing';
  return `${describeScope(scope)} is not paused; paused: ${others}`;
}

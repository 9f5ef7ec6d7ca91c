import { readConfig } from '../config.js';
import { messageOf } from '../errors.js';
import type { Pause } from '../guard/pause.js';
import { parseDuration } from '../playbook/duration.js';
import { runCommand, UsageError } from './command.js';
import { createEngineClient, defaultEngineUrl } from './engine-client.js';
import { operatorOf } from './pause/operator.js';
import { describeScope, readScope, scopeOptions } from './pause/scope.js';
import { describeTime } from './shown.js';

const usage = `usage: jidoka pause [--playbook NAME | --target NAME | --direction up|down] --why TEXT [options]

Halts a running engine: everything, or what is named. Alerts are still taken in and people still told;
what would be done is held until the pause is over. Lift it with jidoka resume.

  --playbook NAME   only what this playbook does
  --target NAME     only what is done to this service or group
  --direction D     only what makes things bigger (up) or smaller (down)
  --why TEXT        is shown to whoever wonders why nothing happens
  --for DURATION    it ends by itself: 30m, 2h; unless given, when it is lifted
  --by NAME         who pauses; your login name unless given
  --url URL         the engine; http://127.0.0.1:$PORT unless given

JIDOKA_ADMIN_TOKEN is sent along where it is set. Exit code 0: it is paused; 1: not; 2: a wrong call.
`;

const callTimeoutMs = 10_000;

/** `jidoka pause`: halts a running engine, or a part of what it does. Gives back the exit code. */
export async function pause(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return runCommand({
    args,
    usage,
    options: {
      ...scopeOptions,
      why: { type: 'string' },
      for: { type: 'string' },
      by: { type: 'string' },
      url: { type: 'string' },
    },
    async run({ why, for: duration, by, url, ...named }) {
      const scope = readScope(named);
      if (!why) throw new UsageError('expected --why "…": whoever is held is told');
      checkDuration(duration);
      const { adminToken } = readConfig(env);
      const engine = createEngineClient({
        url: url ?? defaultEngineUrl(env),
        adminToken,
        timeoutMs: callTimeoutMs,
      });
      const wanted = { ...scope, by: operatorOf(by, env), why, ...(duration && { for: duration }) };
      const { untilMs } = await engine.post<Pause>('/api/v1/pauses', wanted, adminToken);
      const until =
        untilMs === null ? 'until it is lifted' : `until ${describeTime(untilMs, Date.now())}`;
      process.stdout.write(`${describeScope(scope)} is paused ${until}\n`);
      return 0;
    },
  });
}

function checkDuration(duration: string | undefined): void {
  if (duration === undefined) return;
  try {
    parseDuration(duration);
  } catch (error) {
    throw new UsageError(`--for: ${messageOf(error)}`);
  }
}

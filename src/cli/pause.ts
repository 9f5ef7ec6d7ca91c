import type { TargetFit } from '../engine/reading/target-fit.js';
import type { Pause } from '../guard/pause.js';
import { parseDuration } from '../lib/duration.js';
import { messageOf } from '../lib/errors.js';
import { visible } from '../lib/visible.js';
import { adminTokenFor } from './admin-token.js';
import { createEngineClient, defaultEngineUrl, type EngineClient } from './engine-client.js';
import { operatorOf } from './pause/operator.js';
import { describeScope, readScope, type ScopeOptions } from './pause/scope.js';
import { describeTime } from './shown.js';
import { UsageError } from './usage-error.js';

const callTimeoutMs = 10_000;

type SetPause = Pause & { readonly target?: TargetFit };

/** The options of `jidoka pause`. */
export interface PauseOptions extends ScopeOptions {
  readonly why: string;
  readonly for?: string | undefined;
  readonly by?: string | undefined;
  readonly url?: string | undefined;
}

/** `jidoka pause`: halts a running engine, or a part of what it does. Returns the exit code. */
export async function pause(
  { why, for: duration, by, url, ...named }: PauseOptions,
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const scope = readScope(named);
  if (why === '') throw new UsageError('--why: expected a reason');
  checkDuration(duration);
  const adminToken = adminTokenFor(url, env);
  const engine = createEngineClient({
    url: url ?? defaultEngineUrl(env),
    adminToken,
    timeoutMs: callTimeoutMs,
  });
  if (scope.of === 'target') await refuseUnknown(engine, scope.name);
  const wanted = { ...scope, by: operatorOf(by, env), why, ...(duration && { for: duration }) };
  const set = await engine.post<SetPause>('/api/v1/pauses', wanted, adminToken);
  const { untilMs, target } = set;
  if (target !== undefined && target.fits !== true) {
    process.stderr.write(`${warningOf(target)}\n`);
  }
  const until =
    untilMs === null ? 'until it is lifted' : `until ${describeTime(untilMs, Date.now())}`;
  process.stdout.write(`${visible(describeScope(scope))} is paused ${until}\n`);
  return 0;
}

/** A pause of a target that is mistyped would be no pause. Where the targets cannot be read, none is refused. */
async function refuseUnknown(engine: EngineClient, name: string): Promise<void> {
  const fit = await engine
    .read<TargetFit>(`targets/fit?${new URLSearchParams({ name })}`)
    .catch(() => undefined);
  if (fit?.fits !== false) return;
  throw new Error(
    `nothing was paused: no service, node or group is called ${JSON.stringify(name)}${meant(fit)}`,
  );
}

function warningOf({ fits, detail, ...fit }: TargetFit): string {
  const known =
    fits === false
      ? 'no service, node or group has this name'
      : `whether there is such a target could not be told (${detail})`;
  return `jidoka: warning: ${known}${meant(fit)}`;
}

function meant({ nearest }: Pick<TargetFit, 'nearest'>): string {
  return nearest === null ? '' : `; did you mean ${JSON.stringify(nearest)}?`;
}

function checkDuration(duration: string | undefined): void {
  if (duration === undefined) return;
  try {
    parseDuration(duration);
  } catch (error) {
    throw new UsageError(`--for: ${messageOf(error)}`);
  }
}

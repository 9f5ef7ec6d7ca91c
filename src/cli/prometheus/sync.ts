import { setTimeout as sleep } from 'node:timers/promises';
import { readSecret } from '../../app/config.js';
import { messageOf } from '../../lib/errors.js';
import { createLogger } from '../../lib/logger.js';
import { adminTokenFor } from '../admin-token.js';
import { defaultEngineUrl } from '../engine-client.js';
import { UsageError } from '../usage-error.js';
import { createEngineRules } from './engine-rules.js';
import { createPrometheusClient } from './prometheus-client.js';
import { createRuleSync } from './rule-sync.js';
import { createRulesOnDisk } from './rules-on-disk.js';

/** How often the engine is asked for its rules; an unchanged file is not sent again. */
const everyMs = 2_000;
/** A fault that lasts is said again this often. */
const sayAgainMs = 10 * 60_000;

/** The options of `jidoka prometheus sync`. */
export interface SyncOptions {
  readonly engine?: string | undefined;
  readonly rulesFile: string;
  readonly reload: string;
}

/** `jidoka prometheus sync`: keeps a Prometheus to the rules of an engine until it is told to stop. */
export async function sync(
  { engine, rulesFile, reload }: SyncOptions,
  env: NodeJS.ProcessEnv,
): Promise<number> {
  for (const [option, value] of [
    ['--engine', engine ?? defaultEngineUrl(env)],
    ['--reload', reload],
  ] as const) {
    if (!/^https?:\/\//.test(value) || !URL.canParse(value)) {
      throw new UsageError(`${option}: expected an address such as http://host:9090, got ${value}`);
    }
  }
  const log = createLogger(env.LOG_LEVEL || 'info');
  const look = createRuleSync({
    engine: createEngineRules({
      url: engine ?? defaultEngineUrl(env),
      token: tokenFor(engine, env),
    }),
    prometheus: createPrometheusClient(reload),
    disk: createRulesOnDisk(rulesFile),
    now: () => performance.now(),
    log,
  });
  const stopping = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stopping.abort());

  let fault = '';
  let saidAtMs = 0;
  while (!stopping.signal.aborted) {
    try {
      await look();
      if (fault !== '') log.info('rules synchronized again');
      fault = '';
    } catch (error) {
      const now = messageOf(error);
      if (now !== fault || performance.now() - saidAtMs > sayAgainMs) {
        log.warn({ fault: now }, 'rules not synchronized: those in force stay');
        saidAtMs = performance.now();
      }
      fault = now;
    }
    await sleep(everyMs, undefined, { signal: stopping.signal }).catch(() => {});
  }
  return 0;
}

/** A viewer's token suffices. */
function tokenFor(engine: string | undefined, env: NodeJS.ProcessEnv): string | undefined {
  return readSecret(env, 'JIDOKA_VIEWER_TOKEN') ?? adminTokenFor(engine, env);
}

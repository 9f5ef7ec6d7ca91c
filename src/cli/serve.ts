import { startApp } from '../app/app.js';
import type { App } from '../app/app-options.js';
import { type Config, readConfig } from '../app/config.js';
import type { Connection } from '../app/connections.js';
import { describeRedisFault } from '../ledger/redis-refusal.js';
import { InputError, messageOf, PartMissingError } from '../lib/errors.js';
import { endReads } from '../lib/hanging.js';
import { clearHeap, letHeapsGrow } from '../lib/heaps.js';
import { createHeldOutput } from '../lib/held-output.js';
import { createLogger } from '../lib/logger.js';
import { visible } from '../lib/visible.js';
import { startLocalRedis } from '../local/redis.js';
import { indented } from './lines.js';
import { withAdminToken } from './serve/admin-token.js';
import { endHungUp, hungUp, onHangUp } from './serve/hang-up.js';
import { dataDir, redisDir } from './visit.js';

/** `jidoka serve`: runs the engine until it is told to stop. Returns the exit code. */
export async function serve(
  { makeAdminToken }: { readonly makeAdminToken?: boolean | undefined },
  env: NodeJS.ProcessEnv,
): Promise<number> {
  try {
    const code = await run(makeAdminToken ? withAdminToken(env, say) : env);
    if (code === hungUp) endHungUp();
    return code;
  } catch (error) {
    const expected = error instanceof InputError || error instanceof PartMissingError;
    say(expected ? messageOf(error) : explain(error));
    return 1;
  } finally {
    // main.ts is no part of the bundle that this is in, and cannot know
    await endReads();
  }
}

async function run(env: NodeJS.ProcessEnv): Promise<number> {
  const config = readConfig(env);
  const output = createHeldOutput();
  const log = createLogger(config.logLevel, output);
  /** `undefined` before it has started, and when it stops: there is nothing to reload then. */
  let running: App | undefined;
  const end = new Promise<number>((resolve) => {
    let signals = 0;
    const stop = (code: number) => {
      signals += 1;
      if (signals > 1) void endReads().finally(() => process.exit(1));
      running = undefined;
      say('stopping: finishing what is in work; once more to stop at once');
      resolve(code);
    };
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop(0));
    onHangUp({ reload: () => running?.reload(), stop: () => stop(hungUp) });
    died = (error) => {
      say(`the engine cannot continue and stops: ${messageOf(error)}`);
      resolve(1);
    };
  });

  const redis =
    config.redisUrl === undefined
      ? await startLocalRedis({
          dir: redisDir,
          appendfsync: 'always',
          announce: say,
          log: (line) => log.debug({ redis: line }),
          onExit: (detail) => died(new Error(`Redis ended: ${detail}`)),
        })
      : undefined;
  try {
    const redisUrl = redis?.url ?? config.redisUrl ?? '';
    const onDeath = (error: Error) => died(error);
    const app = await startApp({ config, redisUrl, markerDir: dataDir, log, onDeath });
    clearHeap();
    letHeapsGrow();
    const own = redis && `its own, data in ${redisDir} (set REDIS_URL to use another)`;
    const columns = process.stderr.columns || undefined;
    say(startReport(app.url, app.connections, own, { config, env }, columns));
    output.release();
    app.releaseLog();
    running = app;
    const code = await end;
    await app.stop();
    return code;
  } finally {
    await redis?.stop();
  }
}

let died: (error: Error) => void = () => {};

/** What the operator sees at the start: each connection, and what to do about those that are missing. */
function startReport(
  url: string,
  connections: readonly Connection[],
  ownRedis: string | undefined,
  { config, env }: { readonly config: Config; readonly env: NodeJS.ProcessEnv },
  columns: number | undefined,
): string {
  const { role, webhookToken, adminToken, facing } = config;
  const words = {
    connected: 'connected',
    loaded: 'loaded',
    unsafe: 'NOT SAFE',
    failed: 'NOT CONNECTED',
    not_configured: 'not configured',
  };
  const lines = connections.map(({ name, state, detail }) => {
    const more = name === 'Redis' && ownRedis !== undefined ? `${detail}, ${ownRedis}` : detail;
    const head = `  ${name.padEnd(13)}${words[state].padEnd(16)}`;
    const [first = '', ...rest] = indented(more, head.length, columns);
    return [head + first.trimStart(), ...rest].join('\n');
  });
  if (role === 'worker') {
    const webhook = '  Webhook      not here, nor the console: this engine only acts (JIDOKA_ROLE)';
    return [`listening on ${url}`, ...lines, webhook].join('\n');
  }
  const { hostname, port } = new URL(url);
  const everywhere = hostname === '0.0.0.0' || hostname === '[::]';
  const sender = everywhere ? `http://<this host>:${port}` : url;
  const needs = webhookToken === undefined ? 'no token' : 'with the token';
  const webhook = `  Webhook      ${sender}/webhooks/alertmanager, ${needs}`;
  const page = adminToken === undefined && everywhere ? `http://127.0.0.1:${port}` : sender;
  const console = `  Console      ${page}/, ${admission(adminToken, facing, env.JIDOKA_ADMIN_TOKEN_FILE)}`;
  return [`listening on ${url}`, ...lines, webhook, console].join('\n');
}

/** Who gets into the console, and by what. */
function admission(
  adminToken: string | undefined,
  facing: string | undefined,
  file: string | undefined,
): string {
  if (adminToken !== undefined) return `sign in with ${file ? `the token in ${file}` : 'a token'}`;
  if (facing === undefined) return 'on this machine only (set JIDOKA_ADMIN_TOKEN for others)';
  return `CLOSED, and the API: ${facing} says that others reach this engine; set JIDOKA_ADMIN_TOKEN`;
}

function explain(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'EADDRINUSE') {
    return `${messageOf(error)}: something else listens there; set PORT to another port`;
  }
  return describeRedisFault(error) ?? messageOf(error);
}

function say(text: string): void {
  process.stderr.write(`jidoka: ${visible(text, '\n')}\n`);
}

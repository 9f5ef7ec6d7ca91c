import { readConfig } from '../app/config.js';
import { visible } from '../lib/visible.js';
import { adminTokenFor } from './admin-token.js';
import { createEngineClient, defaultEngineUrl, type EngineClient } from './engine-client.js';
import { describeFate, findAlert, hasFate, type ShownAlert, waitFor } from './fire/disposition.js';
import { readLabels, readPairs } from './fire/labels.js';
import { fingerprintOf, notificationOf } from './fire/notification.js';
import { type Output, writeJson } from './output.js';
import { describeLabels } from './shown.js';

const callTimeoutMs = 10_000;
const fateWithinMs = 30_000;

/** The options of `jidoka fire`. */
export interface FireOptions {
  readonly annotation: readonly string[];
  readonly resolved?: boolean | undefined;
  readonly wait?: boolean | undefined;
  readonly url?: string | undefined;
  readonly output: Output;
}

/** `jidoka fire`: sends a made-up alert to a running engine. Returns the exit code. */
export async function fire(
  words: readonly string[],
  { annotation, resolved, wait, url, output }: FireOptions,
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const labels = readLabels(words);
  const annotations = readPairs(annotation, 'annotation');
  const { webhookToken } = readConfig(env);
  const adminToken = adminTokenFor(url, env);
  const engine = createEngineClient({
    url: url ?? defaultEngineUrl(env),
    adminToken,
    timeoutMs: callTimeoutMs,
  });
  const fingerprint = fingerprintOf(labels);
  // Before it is sent: afterwards it may be closed already, and would not be found.
  const before = wait && resolved ? await findAlert(engine, fingerprint) : undefined;
  const status = resolved ? 'resolved' : 'firing';
  const alert = notificationOf({ status, labels, annotations, nowMs: Date.now() });
  await engine.post('/webhooks/alertmanager', alert, webhookToken);
  const isText = output === 'text';
  if (isText) say(`sent to ${engine.url}: ${describeLabels(labels)} is ${status}`);
  let shown: ShownAlert | null = null;
  if (wait && !resolved) {
    shown = await decided(engine, fingerprint);
    if (isText) describeFate(shown, Date.now()).forEach(say);
  } else if (before !== undefined) {
    shown = await closed(engine, before.id);
    if (isText) say(`closed: alert ${shown.id}`);
  } else if (wait && isText) {
    say('nothing to resolve: no open alert had these labels');
  }
  if (!isText) await writeJson({ url: engine.url, status, fingerprint, labels, alert: shown });
  return 0;
}

function decided(engine: EngineClient, fingerprint: string): Promise<ShownAlert> {
  return waitFor({
    async look() {
      const found = await findAlert(engine, fingerprint);
      return found !== undefined && hasFate(found) ? found : undefined;
    },
    withinMs: fateWithinMs,
    late: `no decision after ${fateWithinMs / 1_000} s; see jidoka status and the log of the engine`,
  });
}

function closed(engine: EngineClient, id: string): Promise<ShownAlert> {
  return waitFor({
    async look() {
      const found = await engine.read<ShownAlert>(`alerts/${id}`);
      return found.state === 'closed' ? found : undefined;
    },
    withinMs: fateWithinMs,
    late: `alert ${id} is still open after ${fateWithinMs / 1_000} s; others with these labels may fire, or the engine is behind: see jidoka status`,
  });
}

function say(line: string): void {
  process.stdout.write(`${visible(line)}\n`);
}

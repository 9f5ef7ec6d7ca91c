import { readConfig } from '../config.js';
import { runCommand } from './command.js';
import { createEngineClient, defaultEngineUrl, type EngineClient } from './engine-client.js';
import { describeFate, findAlert, hasFate, type ShownAlert, waitFor } from './fire/fate.js';
import { readLabels, readPairs } from './fire/labels.js';
import { fingerprintOf, notificationOf } from './fire/notification.js';
import { describeLabels } from './shown.js';

const usage = `usage: jidoka fire alertname=NAME [LABEL=VALUE ...] [options]

Sends a made-up alert to a running engine, over the webhook that Alertmanager uses. The engine takes it
for a real one: what a playbook does for it is done. Resolve it with --resolved and the same labels; an
engine that reads Alertmanager's API closes it after some minutes, because Alertmanager does not list it.

  --annotation NAME=VALUE   as often as needed: summary=…, description=…
  --resolved                say that it has resolved
  --wait                    wait until it has a fate, and print it; with --resolved, until it is closed
  --url URL                 the engine; http://127.0.0.1:$PORT unless given

JIDOKA_WEBHOOK_TOKEN is sent along where it is set, and with --wait JIDOKA_ADMIN_TOKEN, which an engine
on another machine wants. Exit code 0: it was sent (and has its fate); 1: not; 2: a wrong call.
`;

const callTimeoutMs = 10_000;
const fateWithinMs = 30_000;

/** `jidoka fire`: sends a made-up alert to a running engine. Gives back the exit code. */
export async function fire(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return runCommand({
    args,
    usage,
    words: true,
    options: {
      annotation: { type: 'string', multiple: true, default: [] as string[] },
      resolved: { type: 'boolean', default: false },
      wait: { type: 'boolean', default: false },
      url: { type: 'string' },
    },
    async run({ annotation, resolved, wait, url }, words) {
      const labels = readLabels(words);
      const annotations = readPairs(annotation, 'annotation');
      const { webhookToken, adminToken } = readConfig(env);
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
      say(`sent to ${engine.url}: ${describeLabels(labels)} is ${status}`);
      if (!wait) return 0;
      if (!resolved) return showFate(engine, fingerprint);
      if (before !== undefined) return showEnd(engine, before.id);
      say('no open alert had these labels: there was nothing to resolve');
      return 0;
    },
  });
}

async function showFate(engine: EngineClient, fingerprint: string): Promise<number> {
  const alert = await waitFor({
    async look() {
      const found = await findAlert(engine, fingerprint);
      return found !== undefined && hasFate(found) ? found : undefined;
    },
    withinMs: fateWithinMs,
    late: `it has no fate after ${fateWithinMs / 1_000} s; jidoka status and the log of the engine say more`,
  });
  describeFate(alert, Date.now()).forEach(say);
  return 0;
}

async function showEnd(engine: EngineClient, id: string): Promise<number> {
  const alert = await waitFor({
    async look() {
      const found = await engine.read<ShownAlert>(`alerts/${id}`);
      return found.state === 'closed' ? found : undefined;
    },
    withinMs: fateWithinMs,
    late: `alert ${id} is still open after ${fateWithinMs / 1_000} s; others with these labels may fire, or the engine is behind: see jidoka status`,
  });
  say(`closed: alert ${alert.id}`);
  return 0;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

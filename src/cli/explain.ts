import { readConfig } from '../config.js';
import type { ShownExplanation } from '../receiver/explain-schema.js';
import { runCommand, UsageError } from './command.js';
import { createEngineClient, defaultEngineUrl } from './engine-client.js';
import { type Given, readGiven } from './explain/given.js';
import { explainFolder } from './explain/offline.js';
import { renderExplanations } from './explain/render.js';

const usage = `usage: jidoka explain LABEL=VALUE ... | --alert FILE [options]

Says why an alert is acted on, or is not: what would be done if it came now, which clauses of which
playbooks it meets and misses, which guards are in the way and until when, and what became of it so far.
It asks a running engine, and changes nothing.

  --alert FILE      the alert as JSON or YAML, - for standard input: a webhook body of Alertmanager, one
                    of its alerts, an answer of its API (/api/v2/alerts), or labels alone (service: web)
  --playbook NAME   only what this playbook makes of it
  --all             all playbooks (for one alert); without it those that match, and the nearest others
  --format FORMAT   text (the default) or json
  --url URL         the engine; http://127.0.0.1:$PORT unless given
  --playbooks DIR   ask no engine, but the playbooks in this folder: clauses only

JIDOKA_ADMIN_TOKEN is sent along where it is set; an engine on another machine wants it.
Exit code 0: it is explained; 1: it is not; 2: a wrong call.
`;

const callTimeoutMs = 60_000;

/** `jidoka explain`: why an alert is, or is not, acted on. Gives back the exit code. */
export async function explain(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return runCommand({
    args,
    usage,
    words: true,
    options: {
      alert: { type: 'string' },
      playbook: { type: 'string' },
      all: { type: 'boolean', default: false },
      format: { type: 'string', default: 'text' },
      url: { type: 'string' },
      playbooks: { type: 'string' },
    },
    async run({ alert, playbook, all, format, url, playbooks }, words) {
      if (format !== 'text' && format !== 'json') {
        throw new UsageError(`--format: expected text or json, got "${format}"`);
      }
      if (url !== undefined && playbooks !== undefined) {
        throw new UsageError('expected --url (an engine) or --playbooks (no engine), not both');
      }
      const given = await readGiven(alert, words);
      const items =
        playbooks === undefined
          ? await askEngine(env, url, given, { playbook, all })
          : await explainFolder(env, playbooks, { alerts: given.alerts, playbook, all });
      // a terminal that does not know its width says 0
      const columns = process.stdout.columns || undefined;
      const text =
        format === 'json'
          ? `${JSON.stringify({ items }, null, 2)}\n`
          : renderExplanations(items, { playbook, columns });
      await new Promise<void>((resolve) => process.stdout.write(text, () => resolve()));
      return 0;
    },
  });
}

async function askEngine(
  env: NodeJS.ProcessEnv,
  url: string | undefined,
  given: Given,
  { playbook, all }: { readonly playbook: string | undefined; readonly all: boolean },
): Promise<readonly ShownExplanation[]> {
  const { adminToken } = readConfig(env);
  const engine = createEngineClient({
    url: url ?? defaultEngineUrl(env),
    adminToken,
    timeoutMs: callTimeoutMs,
  });
  const query = new URLSearchParams({ all: String(all), ...(playbook && { playbook }) });
  const path = `/api/v1/explain?${query}`;
  const { items } = await engine.post<{ items: readonly ShownExplanation[] }>(
    path,
    given.body,
    adminToken,
  );
  return items;
}

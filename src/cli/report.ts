import { readConfig } from '../config.js';
import type { Report } from '../engine/report.js';
import { figureDays } from '../ledger/figures.js';
import { runCommand, UsageError } from './command.js';
import { createEngineClient, defaultEngineUrl } from './engine-client.js';
import { renderReport } from './report/render.js';

const usage = `usage: jidoka report [--days N] [--format text|json] [--url URL]

Shows what became of the alerts of the last days (UTC): how many the machine resolved, how many reached
people and which most often, and the minutes that were saved. Alerts that still fire are not counted yet.

  --days N         how many days, up to today; 30 unless given, at most ${figureDays}
  --format FORMAT  text (the default) or json
  --url URL        the engine; http://127.0.0.1:$PORT unless given

JIDOKA_ADMIN_TOKEN is sent along where it is set; an engine on another machine wants it.
Exit code 0: here it is; 1: no engine answers; 2: a wrong call.
`;

const callTimeoutMs = 10_000;

/** `jidoka report`: what became of alerts. Gives back the exit code. */
export async function report(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return runCommand({
    args,
    usage,
    options: {
      url: { type: 'string' },
      days: { type: 'string', default: '30' },
      format: { type: 'string', default: 'text' },
    },
    async run({ url, days, format }) {
      if (!/^\d+$/.test(days) || Number(days) < 1 || Number(days) > figureDays) {
        throw new UsageError(`--days: expected 1 to ${figureDays}, got ${days}`);
      }
      if (format !== 'text' && format !== 'json') {
        throw new UsageError(`--format: expected text or json, got ${format}`);
      }
      const engine = createEngineClient({
        url: url ?? defaultEngineUrl(env),
        adminToken: readConfig(env).adminToken,
        timeoutMs: callTimeoutMs,
      });
      const found = await engine.read<Report>(`report?days=${days}`);
      const shown = format === 'json' ? JSON.stringify(found, null, 2) : renderReport(found);
      process.stdout.write(`${shown}\n`);
      return 0;
    },
  });
}

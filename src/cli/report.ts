import type { Report } from '../engine/reports/report.js';
import { statDays } from '../ledger/daily-stats.js';
import { adminTokenFor } from './admin-token.js';
import { createEngineClient, defaultEngineUrl } from './engine-client.js';
import { type Output, write, writeJson } from './output.js';
import { renderReport } from './report/render.js';
import { UsageError } from './usage-error.js';

const callTimeoutMs = 10_000;

/** The options of `jidoka report`. */
export interface ReportOptions {
  readonly url?: string | undefined;
  readonly days: string;
  readonly output: Output;
}

/** `jidoka report`: what became of alerts. Returns the exit code. */
export async function report(
  { url, days, output }: ReportOptions,
  env: NodeJS.ProcessEnv,
): Promise<number> {
  if (!/^\d+$/.test(days) || Number(days) < 1 || Number(days) > statDays) {
    throw new UsageError(`--days: expected 1 to ${statDays}, got ${days}`);
  }
  const engine = createEngineClient({
    url: url ?? defaultEngineUrl(env),
    adminToken: adminTokenFor(url, env),
    timeoutMs: callTimeoutMs,
  });
  const found = await engine.read<Report>(`report?days=${days}`);
  if (output === 'json') await writeJson(found);
  else await write(`${renderReport(found)}\n`);
  return 0;
}

import { readConfig } from '../app/config.js';
import { visible } from '../lib/visible.js';
import { adminTokenFor } from './admin-token.js';
import { createComplaints } from './backtest/complaints.js';
import { readNotifications } from './backtest/notifications.js';
import { readBounds, readConverge, readSize, readTime } from './backtest/options.js';
import { loadSet } from './backtest/playbooks.js';
import { createProgressBar } from './backtest/progress.js';
import { replay } from './backtest/replay.js';
import { jsonReport, textReport } from './backtest/report.js';
import { openSource } from './backtest/source.js';
import { type Output, write } from './output.js';
import { UsageError } from './usage-error.js';

/** The options of `jidoka backtest`. */
export interface BacktestOptions {
  readonly history: string;
  readonly playbooks: string;
  readonly against?: string | undefined;
  readonly policy?: string | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly size: string;
  readonly bounds: string;
  readonly converge: string;
  readonly approve?: boolean | undefined;
  readonly output: Output;
}

/** `jidoka backtest`: tries playbooks on what was received. Returns the exit code. */
export async function backtest(values: BacktestOptions, env: NodeJS.ProcessEnv): Promise<number> {
  const { history, playbooks, against, policy, approve = false } = values;
  const bounds = readBounds(values.bounds);
  const size = readSize(values.size, bounds);
  const assumptions = { size, bounds, convergeMs: readConverge(values.converge) };
  const nowMs = Date.now();
  const sinceMs = readTime('since', values.since, nowMs);
  const untilMs = readTime('until', values.until, nowMs);
  if (sinceMs !== undefined && untilMs !== undefined && sinceMs >= untilMs) {
    throw new UsageError(
      `--since: expected a time before --until, got "${values.since}" and "${values.until}"`,
    );
  }
  const { workerAsg } = readConfig(env);
  const adminToken = adminTokenFor(history, env);
  const sets = {
    playbooks: await loadSet(playbooks, policy),
    against: against === undefined ? undefined : await loadSet(against, policy),
  };
  const source = await openSource({ from: history, adminToken, sinceMs, untilMs });
  const bar = createProgressBar(process.stderr, Date.now);
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  process.once('SIGINT', interrupt);
  const complaints = createComplaints({
    name: source.name,
    say(line) {
      bar.clear();
      process.stderr.write(`jidoka: ${visible(line)}\n`);
    },
  });
  try {
    const { bytes } = source;
    const replayed = await replay({
      ...sets,
      notifications: readNotifications({ bytes, sinceMs, untilMs, ...complaints }),
      workerAsg,
      assumptions,
      approve,
      onProgress: (progress) => bar.show({ ...progress, part: source.progress() }),
      signal: interrupted.signal,
    });
    bar.clear();
    const asked = { history: source.name, playbooks, against, assumptions, approve };
    const result = { ...replayed, ...asked, ...complaints.counted() };
    await write(
      values.output === 'json'
        ? jsonReport(result)
        : textReport(result, process.stdout.columns || undefined),
    );
    return result.badLines > 0 || result.interrupted ? 1 : 0;
  } finally {
    bar.clear();
    process.off('SIGINT', interrupt);
  }
}

import { readConfig } from '../config.js';
import { createComplaints } from './backtest/complaints.js';
import { readNotifications } from './backtest/notifications.js';
import { readBounds, readConverge, readSize, readTime } from './backtest/options.js';
import { loadSet } from './backtest/playbooks.js';
import { createProgressBar } from './backtest/progress.js';
import { replay } from './backtest/replay.js';
import { jsonReport, textReport } from './backtest/report.js';
import { openSource } from './backtest/source.js';
import { runCommand, UsageError } from './command.js';

const usage = `usage: jidoka backtest --history SOURCE --playbooks DIR [options]

Replays what was received through the engine on a virtual clock, and shows what these playbooks would
have done: without Redis, and without touching anything.

  --history SOURCE   a file of JSON lines (what GET /api/v1/history gives, or bodies of Alertmanager's
                     webhook), also packed with gzip; - for standard input; or the address of a running
                     engine, http://… (JIDOKA_ADMIN_TOKEN is sent along where it is set)
  --playbooks DIR    the playbooks to try
  --against DIR      others to compare them with: what differs, alert by alert
  --policy FILE      the policy for both; policy.yaml beside the playbooks unless given
  --since, --until   a time (2026-01-31T08:00:00Z), or how long ago (7d)
  --size N           the size that targets have at first (3)
  --bounds MIN..MAX  what services allow (1..10), or none
  --converge TIME    how long a change takes (0)
  --approve          people approve what they are asked; without it nobody answers
  --format FORMAT    text (the default) or json

Exit codes: 0 all of it was replayed, 1 not (a fault, an interruption, lines that could not be read),
2 a wrong call.
`;

const formats = ['text', 'json'] as const;

/** `jidoka backtest`: tries playbooks on what was received. Gives back the exit code. */
export async function backtest(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return runCommand({
    args,
    usage,
    options: {
      history: { type: 'string' },
      playbooks: { type: 'string' },
      against: { type: 'string' },
      policy: { type: 'string' },
      since: { type: 'string' },
      until: { type: 'string' },
      size: { type: 'string', default: '3' },
      bounds: { type: 'string', default: '1..10' },
      converge: { type: 'string', default: '0' },
      approve: { type: 'boolean', default: false },
      format: { type: 'string', default: 'text' },
    },
    async run(values) {
      const history = required('history', values.history, 'a file, or the address of an engine');
      const playbooks = required('playbooks', values.playbooks, 'a folder');
      const { against, policy, approve } = values;
      const format = formats.find((each) => each === values.format);
      if (format === undefined) {
        throw new UsageError(`--format: expected text or json, got "${values.format}"`);
      }
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
      const { adminToken, workerAsg } = readConfig(env);
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
          process.stderr.write(`jidoka: ${line}\n`);
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
          format === 'json'
            ? jsonReport(result)
            : textReport(result, process.stdout.columns || undefined),
        );
        return result.badLines > 0 || result.interrupted ? 1 : 0;
      } finally {
        bar.clear();
        process.off('SIGINT', interrupt);
      }
    },
  });
}

function required(name: string, value: string | undefined, what: string): string {
  if (value !== undefined && value !== '') return value;
  throw new UsageError(`--${name} is missing: expected ${what}`);
}

/** Waits until it is written, because the process ends right after. */
function write(text: string): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(text, () => resolve());
  });
}

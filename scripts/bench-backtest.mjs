// `npm run bench:backtest -- --alerts 1000000 --rounds 3`: how long `jidoka backtest` takes for a
// made-up record, and how much memory. Nothing is asserted: a busy machine takes longer.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { prepare } from './prepare.mjs';

const { values } = parseArgs({
  options: {
    alerts: { type: 'string', default: '1000000' },
    identities: { type: 'string', default: '3000' },
    seed: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '3' },
  },
});
for (const [name, value] of Object.entries(values)) {
  if (/^\d+$/.test(value) && Number(value) > 0) continue;
  console.error(`--${name}: expected a whole number, got "${value}"`);
  process.exit(2);
}
const main = prepare();
const { makeHistory, makePlaybooks } = await import('../dist/sim/history.js');
const dir = mkdtempSync(join(tmpdir(), 'jidoka-bench-'));
process.on('exit', () => rmSync(dir, { recursive: true }));
process.on('SIGINT', () => process.exit(130));

const history = join(dir, 'history.jsonl');
const size = {
  alerts: Number(values.alerts),
  identities: Number(values.identities),
  seed: Number(values.seed),
};
await pipeline(
  Readable.from(makeHistory(size)).map((line) => `${line}\n`),
  createWriteStream(history),
);
for (const [name, content] of makePlaybooks()) writeFileSync(join(dir, name), content);

console.log(`Node ${process.version}, ${cpus().length} × ${cpus()[0].model.trim()}`);
const seconds = [];
for (let round = 1; round <= Number(values.rounds); round += 1) {
  const beganMs = performance.now();
  const args = [main, 'backtest', '--history', history, '--playbooks', dir, '--output', 'json'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  let used = { peakKib: 0, cpuSeconds: 0 };
  const watch = setInterval(() => {
    used = usedBy(child.pid) ?? used;
  }, 100);
  const { record, result } = JSON.parse(await text(child.stdout));
  await exited;
  clearInterval(watch);
  seconds.push((performance.now() - beganMs) / 1_000);
  if (round === 1) {
    const days = ((record.toMs - record.fromMs) / 86_400_000).toFixed(1);
    const { deliveries, notifications } = record;
    console.log(
      `${deliveries} alerts in ${notifications} notifications over ${days} days: ${result.alerts} from firing until resolved, ${result.changes} changes, ${result.messages} messages`,
    );
  }
  const last = seconds.at(-1);
  const rate = Math.round(record.deliveries / last);
  console.log(
    `round ${round}: ${last.toFixed(1)} s (${used.cpuSeconds.toFixed(1)} s of CPU), ${rate} alerts/s, at most ${Math.round(used.peakKib / 1_024)} MiB`,
  );
}
seconds.sort((a, b) => a - b);
const median = seconds[Math.floor(seconds.length / 2)];
console.log(
  `median ${median.toFixed(1)} s, from ${seconds[0].toFixed(1)} to ${seconds.at(-1).toFixed(1)} s`,
);

/** The most memory and all the time that a process has had; `undefined` where the system does not say. */
function usedBy(pid) {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const [, fields = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
    // proc(5): utime and stime, in hundredths of a second
    const [user, system] = fields.split(' ').slice(11, 13).map(Number);
    const peakKib = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0);
    return peakKib === 0 ? undefined : { peakKib, cpuSeconds: (user + system) / 100 };
  } catch {
    return undefined;
  }
}

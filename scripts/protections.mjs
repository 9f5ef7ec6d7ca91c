// `npm run test:protections [-- --row 3 | --only redis]`: takes each protection of docs/contributors/failure-modes.md
// out of a copy of the checkout, and expects the test of its row to fail. The work is done by a process
// of its own, so that nothing is left of it however it ends.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepare } from './prepare.mjs';

prepare();
const dir = mkdtempSync(join(tmpdir(), 'jidoka-protections-'));
const runner = fileURLToPath(new URL('protections-runner.mjs', import.meta.url));
// in a group of its own, which ends as a whole; Ctrl+C reaches only us
const child = spawn(process.execPath, [runner, dir, ...process.argv.slice(2)], {
  stdio: 'inherit',
  detached: true,
});
const end = () => {
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end);
child.on('exit', (code) => {
  end();
  // what the kernel ends together with it may still be writing
  rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
  process.exitCode = code ?? 130;
});

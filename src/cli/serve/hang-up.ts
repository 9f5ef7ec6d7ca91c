import { closeSync, openSync } from 'node:fs';

/**
 * What SIGHUP means: to a daemon, that its configuration is to be read again; to a program on a
 * terminal, that the terminal is gone, too. So a process that was started on a terminal looks whether
 * it still has one.
 *
 * @param options.reload the configuration is to be read again
 * @param options.stop the terminal was closed
 */
export function onHangUp(options: {
  readonly reload: () => void;
  readonly stop: () => void;
}): void {
  const isOnTerminal = (process.stdin.isTTY || process.stderr.isTTY) && hasTerminal();
  // what is said to a terminal that is gone fails, and must not end the process half-way
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  let isGone = false;
  process.on('SIGHUP', () => {
    // the shell and the kernel both say it
    if (isGone) return;
    isGone = isOnTerminal && !hasTerminal();
    if (isGone) options.stop();
    else options.reload();
  });
}

/** The exit code of who ends because of SIGHUP, as a shell gives it: 128 and the signal's number. */
export const hungUp = 129;

/** Ends the process at once, as SIGHUP does: Node's own end would fail without the terminal it began on. */
export function endHungUp(): void {
  process.removeAllListeners('SIGHUP');
  process.kill(process.pid, 'SIGHUP');
}

/** Whether the session has a terminal: `/dev/tty` cannot be opened without one (`man 4 tty`). */
function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}

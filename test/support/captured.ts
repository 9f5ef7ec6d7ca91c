/** What a command wrote and its exit code. */
export interface Captured {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command in this process, and gives back what it writes instead of writing it. */
export async function captured(run: () => Promise<number>): Promise<Captured> {
  const texts = { stdout: '', stderr: '' };
  const { stdout, stderr } = process;
  const originals = { stdout: stdout.write, stderr: stderr.write };
  const capture =
    (name: 'stdout' | 'stderr') =>
    (text: unknown, ...rest: unknown[]): boolean => {
      texts[name] += String(text);
      for (const done of rest) if (typeof done === 'function') done();
      return true;
    };
  stdout.write = capture('stdout') as typeof stdout.write;
  stderr.write = capture('stderr') as typeof stderr.write;
  try {
    return { code: await run(), ...texts };
  } finally {
    stdout.write = originals.stdout;
    stderr.write = originals.stderr;
    process.exitCode = undefined;
  }
}

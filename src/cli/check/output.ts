type Environment = Readonly<Record<string, string | undefined>>;

/** Colours are for terminals; FORCE_COLOR and NO_COLOR say otherwise. (https://no-color.org, https://force-color.org) */
export function wantsColor(env: Environment, isTerminal: boolean): boolean {
  if (env.FORCE_COLOR) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false';
  return isTerminal && !env.NO_COLOR && env.TERM !== 'dumb';
}

/** Waits until it is written, because the process ends right after. */
export function write(text: string): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(text, () => resolve());
  });
}

import type { ServiceSpec } from './service.js';

/** What a container that runs once does. */
export interface Program {
  /** How long it runs, in milliseconds. */
  readonly takesMs: number;
  readonly exitCode: number;
}

/**
 * Reads what a container does from its command: `sleep SECONDS` is how long it runs, `exit CODE` its exit code.
 * Any other command ends at once with 0.
 */
export function programOf(template: ServiceSpec['TaskTemplate']): Program {
  const container = template.ContainerSpec as { readonly Command?: readonly string[] } | undefined;
  const command = (container?.Command ?? []).join(' ');
  const [, seconds = '0'] = /\bsleep (\d+(?:\.\d+)?)/.exec(command) ?? [];
  const [, code = '0'] = /\bexit (\d{1,3})\b/.exec(command) ?? [];
  return { takesMs: Number(seconds) * 1_000, exitCode: Number(code) };
}

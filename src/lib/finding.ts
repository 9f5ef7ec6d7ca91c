/**
 * How much a finding matters: `note` is good to know or could not be seen, `warning` will hurt one
 * day, `wrong` hurts now.
 */
export type Level = 'ok' | 'note' | 'warning' | 'wrong';

/** One thing that was looked at. Never holds a secret. */
export interface Finding {
  readonly level: Level;
  readonly text: string;
  /** What follows from it. */
  readonly why?: string;
  /** What to do about it. */
  readonly fix?: string;
}

/** All about one connection. */
export interface Section {
  readonly name: string;
  readonly findings: readonly Finding[];
}

/** As it should be. */
export function ok(text: string): Finding {
  return { level: 'ok', text };
}

/** Nothing is wrong, but it should be known. */
export function note(text: string): Finding {
  return { level: 'note', text };
}

/** It works, and will hurt one day: why, and what to do. */
export function warning(text: string, why: string, fix: string): Finding {
  return { level: 'warning', text, why, fix };
}

/** It does not work, or not as promised: why, and what to do. */
export function wrong(text: string, why: string, fix: string): Finding {
  return { level: 'wrong', text, why, fix };
}

const maxNamed = 5;

/** The first few of a list of names: `a, b and 7 more`. */
export function someOf(names: readonly string[]): string {
  const left = names.length - maxNamed;
  const shown = names.slice(0, maxNamed).join(', ');
  return left > 0 ? `${shown} and ${left} more` : shown;
}

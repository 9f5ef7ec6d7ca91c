import { messageOf } from '../../lib/errors.js';

/** The links of the chain from a service to what is done about its alert, in order. */
export const linkNames = ['scrape', 'rule', 'route', 'playbook', 'target', 'mode'] as const;

export type LinkName = (typeof linkNames)[number];

/** Whether a link holds. What could not be read is not checked, and never a no. */
export interface LinkState {
  readonly state: 'yes' | 'no' | 'not_checked';
  /** What holds it, what is missing, or why it was not checked. */
  readonly detail: string;
}

/** One link of the chain of an alert. */
export interface Link extends LinkState {
  readonly name: LinkName;
}

export const yes = (detail: string): LinkState => ({ state: 'yes', detail });
export const no = (detail: string): LinkState => ({ state: 'no', detail });
export const notChecked = (detail: string): LinkState => ({ state: 'not_checked', detail });

/** What was read of one server, or why it was not. */
export type Reading<T> = { readonly value: T } | { readonly fault: string };

/** Reads, and keeps why where it fails. */
export async function readingOf<T>(read: () => Promise<T>): Promise<Reading<T>> {
  try {
    return { value: await read() };
  } catch (error) {
    return { fault: messageOf(error) };
  }
}

/**
 * Judges by several servers of which each may have the whole or a part: one yes suffices, and it is a no only
 * where all have answered.
 *
 * @param none why there is no server to ask
 */
export function bestOf<T>(
  readings: readonly Reading<T>[],
  none: string,
  judge: (value: T) => LinkState,
): LinkState {
  if (readings.length === 0) return notChecked(none);
  const states = readings.map((reading) =>
    'value' in reading ? judge(reading.value) : notChecked(reading.fault),
  );
  for (const wanted of ['yes', 'not_checked', 'no'] as const) {
    const found = states.find(({ state }) => state === wanted);
    if (found !== undefined) return found;
  }
  throw new Error('a link has a state');
}

/** The most serious of several states of one link, such as for several series of an alert. */
export function worstOf(states: readonly LinkState[]): LinkState {
  for (const wanted of ['no', 'not_checked'] as const) {
    const found = states.find(({ state }) => state === wanted);
    if (found !== undefined) return found;
  }
  return states[0] ?? notChecked('nothing was tried');
}

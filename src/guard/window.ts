import { formatZoned } from '../lib/time.js';
import type { Guard } from './guard.js';
import { endOf, isWithin, type TimeInterval } from './time-interval.js';

/** A recurring time during which nothing is done automatically. */
export interface Window {
  readonly name: string;
  /** The playbooks that it holds; `undefined`: all. */
  readonly playbooks: readonly string[] | undefined;
  readonly intervals: readonly TimeInterval[];
}

/** The windows that are open for a playbook. Each lifts at its end; no state is kept for it. */
export function openWindows(windows: readonly Window[], playbook: string, nowMs: number): Guard[] {
  return windows
    .filter(({ playbooks }) => playbooks?.includes(playbook) ?? true)
    .filter(({ intervals }) => isWithin(intervals, nowMs))
    .map(({ name, intervals }) => {
      const untilMs = endOf(intervals, nowMs);
      const zone = intervals.find((one) => isWithin([one], nowMs))?.location ?? 'UTC';
      const detail = `the window ${name} is open until ${formatZoned(untilMs, zone)}`;
      return {
        claim: { kind: 'refused' },
        explain: () => ({ reason: 'window', detail, untilMs }),
      };
    });
}

import type { Labels } from '../../alertmanager/alert.js';
import type { Reason } from '../../ledger/reason.js';

/** What can become of an alert, that of which most came first. */
export const fates = [
  /** A target was changed for it. */
  'acted',
  /** A person was asked to approve, and nothing was changed. */
  'asked',
  /** It had a run that changed nothing. */
  'ran',
  /** It was handed to a person. */
  'escalated',
  'held',
  'ignored',
  /** It would have matched; a playbook in shadow does no more. */
  'shadow',
  /** It resolved, or the record ended, before it was decided. */
  'undecided',
] as const;
export type Fate = (typeof fates)[number];

/** What one playbook (`null`: none) made of an alert, and why, or how it ended. */
export interface Part {
  readonly playbook: string | null;
  readonly fate: Fate;
  readonly reason: Reason | null;
}

/** What became of one alert, from firing until resolved. */
export interface Outcome {
  /** The same for the same alert with another set of playbooks. */
  readonly key: string;
  readonly labels: Labels;
  readonly openedAtMs: number;
  /** In the order of the playbooks' names. */
  readonly parts: readonly Part[];
  /** By what a playbook was held back meanwhile, each once. */
  readonly holds: readonly Part[];
}

/** The fate that an alert is counted under: that of its parts of which most came. */
export function mainFate({ parts }: Outcome): Fate {
  return fates.find((fate) => parts.some((part) => part.fate === fate)) ?? 'undecided';
}

/** The fates in words. */
export const fateWords: Readonly<Record<Fate, string>> = {
  acted: 'acted',
  asked: 'asked a person',
  ran: 'ran, changed nothing',
  escalated: 'to a person',
  held: 'held',
  ignored: 'ignored',
  shadow: 'would match (shadow)',
  undecided: 'not decided',
};

/** What became of an alert in words: `scale-up: acted (resolved)`. */
export function describeParts(parts: readonly Part[]): string {
  if (parts.length === 0) return fateWords.undecided;
  return parts
    .map(({ playbook, fate, reason }) => {
      const isPlain = reason === null || fate === 'ignored' || fate === 'shadow';
      const said = isPlain ? fateWords[fate] : `${fateWords[fate]} (${reason})`;
      return playbook === null ? said : `${playbook}: ${said}`;
    })
    .join('; ');
}

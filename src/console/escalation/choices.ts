import type { Choice } from '../../ledger/escalation.js';

/** The choices of an escalation, by what they are to a person. */
export interface ArrangedChoices {
  /** Takes it over; changes nothing. */
  readonly acknowledge: Choice | undefined;
  /** Decide on a plan that is written down: a playbook's, a draft, a reset. */
  readonly decisions: readonly Choice[];
  /** Changes that Jidoka suggests. */
  readonly suggestions: readonly Choice[];
  /** End it without a change. */
  readonly others: readonly Choice[];
}

/** Arranges choices in the order in which they are shown. Pure. */
export function arrange(choices: readonly Choice[]): ArrangedChoices {
  const others: readonly Choice['does']['kind'][] = ['silence', 'dismiss'];
  return {
    acknowledge: choices.find(({ does }) => does.kind === 'acknowledge'),
    decisions: choices.filter(
      ({ does }) =>
        does.kind !== 'acknowledge' && does.kind !== 'act' && !others.includes(does.kind),
    ),
    suggestions: choices.filter(({ does }) => does.kind === 'act'),
    others: choices.filter(({ does }) => others.includes(does.kind)),
  };
}

/** Whether a choice leads to a page that asks for confirmation, with room for a reason. */
export function needsConfirmation({ confirm, style, does }: Choice): boolean {
  return confirm !== undefined || style === 'danger' || does.kind === 'deny';
}

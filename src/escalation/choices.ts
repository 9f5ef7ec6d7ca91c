import type { Choice } from '../ledger/escalation.js';

/*
 * Choices that are the same whatever the alert.
 */

/** What can be chosen about every escalation. */
export const handOver: readonly Choice[] = [
  { id: 'ack', label: 'Acknowledge', style: undefined, does: { kind: 'acknowledge' } },
  { id: 'dismiss', label: 'Dismiss', style: undefined, does: { kind: 'dismiss' } },
];

/** What can be chosen about an alert that Alertmanager can silence. */
export const silenceHour: Choice = {
  id: 'silence',
  label: 'Silence 1h',
  style: undefined,
  does: { kind: 'silence', ms: 3_600_000 },
};

/** What can be chosen about the report that the blast radius has tripped. */
export const blastRadiusChoices: readonly Choice[] = [
  {
    id: 'reset',
    label: 'Reset',
    style: 'primary',
    confirm: 'Automatic runs start again at once, and the count of targets starts at zero.',
    does: { kind: 'reset_blast_radius' },
  },
  ...handOver,
];

/** What can be chosen about the report that the breaker of a playbook has opened. */
export function breakerChoices(playbook: string): readonly Choice[] {
  const reset: Choice = {
    id: 'reset',
    label: 'Reset',
    style: 'primary',
    confirm: `${playbook} acts automatically again, as its mode says, although its last runs did not help.`,
    does: { kind: 'reset_breaker', playbook },
  };
  return [reset, ...handOver];
}

/**
 * The closed list of reasons. Every fate of an alert, every hold and every end of a run carries one,
 * so that "why did it (not) act?" always has an answer. `docs/glossary.md` explains each.
 */
export const reasons = {
  // why an alert got no run
  no_match: 'no playbook takes this alert',
  ignored: 'a playbook says that this alert needs nobody',
  expression_failed: 'an expression of the playbook could not be evaluated for this alert',
  invalid_alert: 'the alert could not be read',
  truncated: 'Alertmanager left alerts out of the notification',
  target_not_found: 'the target does not exist',
  unsupported: 'the action refuses this target',
  no_bounds: 'no floor or ceiling is given anywhere for this target',
  muting_unseen: 'whether Alertmanager mutes this alert could not be seen',
  already_run: 'the playbook has had its run for this episode',
  // why a decision is held
  target_busy: 'another run works on the target',
  cooldown: 'the target was changed a short while ago',
  limit: 'a limit on the number of runs is reached',
  muted: 'Alertmanager silences or inhibits the alert',
  target_unavailable: 'the target could not be read',
  paused: 'a person has paused it',
  window: 'nothing is done automatically during this window',
  blast_radius: 'too many targets in a short time; a person has to reset it',
  // how a run is going or has ended
  matched: 'a playbook matches this alert',
  chosen: 'a person chose this action',
  approval: 'the playbook asks a person before it acts',
  breaker: 'the last runs of the playbook did not help; a person is asked until one resets it',
  resolved: 'the alerts resolved',
  reconciled: 'Alertmanager does not list the alert any more',
  stale: 'the alert was not heard of for too long',
  unverified: 'the step was taken; its source does not report whether the alert resolved',
  at_bound: 'the target stands at its bound already',
  exhausted: 'every step was taken and the alert still fires',
  not_converged: 'the target did not reach the state that was asked for',
  target_changed: 'somebody else changed the target',
  rejected: 'the target refused what was asked of it',
  unknown_outcome: 'whether the change took effect could not be seen',
  held_too_long: 'a guard has held the decision for too long',
  denied: 'a person said no',
  not_allowed: 'the person may not decide it',
  dismissed: 'a person dismissed it',
  acknowledged: 'a person took it over',
  shadow: 'the playbook has been put in shadow: it only shows what it would do',
  expired: 'nobody answered in time, or the answer could not be acted on in time',
  watchdog_silent: 'the alert that should always fire does not arrive',
  watchdog_back: 'the alert that should always fire arrives again',
  restored: 'the ledger was restored from a backup',
  internal_error: 'the engine itself failed',
} as const;

export type Reason = keyof typeof reasons;

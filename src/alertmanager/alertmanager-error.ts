/**
 * Why a call to Alertmanager failed:
 *
 * - `unreachable`: no answer in time, or none at all.
 * - `refused`: it answered with an HTTP status other than 2xx.
 * - `unreadable`: its answer is too long, or not what its API v2 promises.
 */
export type AlertmanagerErrorKind = 'unreachable' | 'refused' | 'unreadable';

/** A failed call to Alertmanager; its message says which address and what to check, never a password. */
export class AlertmanagerError extends Error {
  override readonly name = 'AlertmanagerError';

  constructor(
    readonly kind: AlertmanagerErrorKind,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Why a call to a target's API failed, sorted by what may be done about it:
 *
 * - `not_found`: there is no such target; final.
 * - `invalid`: the request or the target's kind can never work; final.
 * - `forbidden`: credentials are missing or do not suffice; final until an operator corrects them.
 * - `stale`: the target changed since it was read (Swarm's `update out of sequence`); read and plan again.
 * - `busy`: the target refuses for now (a scaling activity in progress, throttling); nothing was changed, try later.
 * - `unavailable`: the API could not be reached or answered that it cannot serve; nothing was changed, try later.
 * - `unknown`: the request was sent and its outcome was not seen; look before anything else is done.
 */
export type TargetErrorKind =
  | 'not_found'
  | 'invalid'
  | 'forbidden'
  | 'stale'
  | 'busy'
  | 'unavailable'
  | 'unknown';

/** A failed call to a target's API. A failed read is this error, never a zero or an empty list. */
export class TargetError extends Error {
  override readonly name = 'TargetError';

  constructor(
    readonly kind: TargetErrorKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

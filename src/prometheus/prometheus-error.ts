/**
 * Why a call to Prometheus failed:
 *
 * - `unreachable`: no answer in time, or none at all.
 * - `refused`: it answered with an error.
 * - `unreadable`: its answer is too long, or not what its API promises.
 */
export type PrometheusErrorKind = 'unreachable' | 'refused' | 'unreadable';

/** A failed call to Prometheus; its message says which address and what to check, never a password or token. */
export class PrometheusError extends Error {
  override readonly name = 'PrometheusError';

  constructor(
    readonly kind: PrometheusErrorKind,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

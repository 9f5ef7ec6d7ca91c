import type { Notification } from '../alert/alert.js';

/** A notification as it lies in the queue. */
export interface Received {
  /** Where it came from: `alertmanager`. */
  readonly source: string;
  readonly receivedAtMs: number;
  readonly notification: Notification;
  /** It was found in an Alertmanager whose muting could not be seen; nobody delivered it. */
  readonly mutingUnseen?: true;
}

import type { Notification } from './alert.js';
import type { ManualRun } from './command.js';
import type { Source } from './source.js';

/** A notification as it lies in the queue. */
export interface Received {
  readonly source: Source;
  readonly receivedAtMs: number;
  readonly notification: Notification;
  /** It was found in an Alertmanager whose muting could not be seen; no one delivered it. */
  readonly mutingUnseen?: true;
  /** A command's number, by which its caller asks what became of it. */
  readonly commandNumber?: number;
  /** A person runs a playbook by hand; only the API, the console and the command line say so. */
  readonly manual?: ManualRun;
}

/** A notification of Alertmanager as it was posted: checked, and not yet read. */
export interface Posted {
  readonly receivedAtMs: number;
  /** The JSON text of a `PostedNotification`, in UTF-8. */
  readonly body: Buffer;
}

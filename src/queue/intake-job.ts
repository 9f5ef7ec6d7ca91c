import { notificationOf, type PostedNotification } from '../alert/payload.js';
import type { Posted, Received } from '../engine/received.js';

/** What a job of notifications is called; another form of its data gets another name. */
export const arrivalsName = 'arrivals';

/** A notification of Alertmanager as it lies in a job. */
interface PostedEntry {
  readonly receivedAtMs: number;
  readonly posted: PostedNotification;
}

/** The data of a job of the intake: what arrived together, in its order. The other two are older forms. */
export type IntakeJob =
  | readonly (Received | PostedEntry)[]
  | { readonly notifications: readonly Received[] }
  | Received;

/** The notifications of a job, in the order in which they arrived. */
export function notificationsOf(job: IntakeJob): readonly Received[] {
  if ('notifications' in job) return job.notifications;
  if ('source' in job) return [job];
  return job.map((entry) => ('posted' in entry ? receivedOf(entry) : entry));
}

/** An entry of a job: a notification that the engine made up or read. */
export function receivedText(received: Received): Buffer {
  return Buffer.from(JSON.stringify(received));
}

/** An entry of a job: a notification whose text goes into it as it was posted. */
export function postedText({ receivedAtMs, body }: Posted): Buffer {
  const head = Buffer.from(`{"receivedAtMs":${receivedAtMs},"posted":`, 'latin1');
  return Buffer.concat([head, body, Buffer.from('}')]);
}

/** The data of a job with these entries. */
export function arrivalsText(entries: readonly Buffer[]): Buffer {
  const parts = entries.flatMap((entry) => [comma, entry]);
  return Buffer.concat([open, ...parts.slice(1), close]);
}

const open = Buffer.from('[');
const comma = Buffer.from(',');
const close = Buffer.from(']');

function receivedOf({ receivedAtMs, posted }: PostedEntry): Received {
  return { source: 'alertmanager', receivedAtMs, notification: notificationOf(posted) };
}

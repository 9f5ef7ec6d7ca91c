import { messageOf } from '../lib/errors.js';
import { splitAddress } from '../lib/http/address.js';
import type { Parameters } from './parameters.js';
import type { AnnouncementReceiver } from './settings.js';

/** What one request gets from beginning to end. */
export const requestMs = 10_000;

/** What became of a request: it was taken, or why it was not. */
export type Sent = { readonly taken: true } | { readonly taken: false; readonly why: string };

/** The address to call, with the parameters in the order of their names behind a query that is there already. */
export function addressWith(url: string, parameters: Parameters): URL {
  const address = new URL(url);
  for (const name of Object.keys(parameters).sort()) {
    address.searchParams.set(name, parameters[name] ?? '');
  }
  return address;
}

/** Sends a request once. Never throws, and tells nothing of the address: it may hold a password. */
export async function sendAnnouncement(
  { url, method }: AnnouncementReceiver,
  parameters: Parameters,
  isTaken: (status: number) => boolean,
): Promise<Sent> {
  try {
    const address = addressWith(url, parameters);
    const { authorization } = splitAddress(url);
    address.username = '';
    address.password = '';
    const answer = await fetch(address, {
      method,
      headers: authorization === undefined ? {} : { authorization },
      signal: AbortSignal.timeout(requestMs),
    });
    await answer.body?.cancel();
    return isTaken(answer.status)
      ? { taken: true }
      : { taken: false, why: `it answered ${answer.status}` };
  } catch (error) {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    return { taken: false, why: messageOf(cause) };
  }
}

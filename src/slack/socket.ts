import { setTimeout as sleep } from 'node:timers/promises';
import type { SocketModeClient } from '@slack/socket-mode';
import { messageOf } from '../lib/errors.js';
import type { Logger } from '../lib/logger.js';
import { slackError } from './error.js';
import type { Acknowledgement, TakeInteraction } from './interaction.js';
import { silentLogger } from './silent-logger.js';

/** The socket by which Slack brings interactions where nothing can reach us from outside (Socket Mode). */
export interface SlackSocket {
  /** Connects, and connects again whenever the connection is lost; returns at once, never throws. */
  start(): void;
  /** Closes the connection; what was being answered is acknowledged if it still can be. */
  stop(): Promise<void>;
  /** Whether interactions arrive now; if not, why. */
  state(): { readonly ok: boolean; readonly detail: string };
}

interface SocketParts {
  /** `SLACK_APP_TOKEN`. */
  readonly appToken: string;
  /** `SLACK_API_URL` (default: Slack itself). */
  readonly apiUrl: string | undefined;
  readonly takeInteraction: TakeInteraction;
  readonly log: Logger;
}

/** What the socket hands over with an interaction. */
interface Envelope {
  readonly envelope_id: string;
  readonly body: unknown;
  readonly ack: (answer?: Record<string, unknown>) => Promise<void>;
}

const openTimeoutMs = 5_000;
/** From asking for an address until Slack has said hello. */
const helloWithinMs = 15_000;
const closeWithinMs = 2_000;
const minBackoffMs = 1_000;
const maxBackoffMs = 60_000;
/** A connection that lasted so long was a good one: Slack renews each every few hours. */
const goodForMs = 10_000;
/** Interactions that may come a second time, because their acknowledgement was lost. */
const remembered = 500;

/**
 * Creates the socket, one connection at a time. The library's own reconnecting is left off: it ends
 * with an error that no one catches when Slack's address cannot be reached.
 */
export function createSlackSocket({
  appToken,
  apiUrl,
  takeInteraction,
  log,
}: SocketParts): SlackSocket {
  const taken = new Map<string, Promise<Acknowledgement>>();
  const stopping = new AbortController();
  let running: Promise<void> | undefined;
  let client: SocketModeClient | undefined;
  let state = { ok: false, detail: 'not connected yet' };

  async function run(): Promise<void> {
    for (let failures = 0; !stopping.signal.aborted; ) {
      const beganAtMs = performance.now();
      const fault = await session();
      failures = performance.now() - beganAtMs >= goodForMs ? 0 : failures + 1;
      if (stopping.signal.aborted) return;
      const said = fault ?? 'Slack closed the connection';
      state = { ok: false, detail: `${said}; it is tried again` };
      if (fault === undefined) log.info('Slack socket reconnected');
      else log.warn({ fault }, 'Slack socket not connected: clicks do not arrive');
      await pause(failures);
    }
  }

  /** A connection from beginning to end; the fault that ended it, `undefined` where it simply closed. */
  async function session(): Promise<string | undefined> {
    const own = await newClient();
    if (stopping.signal.aborted) return undefined;
    client = own;
    const ended = new Promise<undefined>((resolve) => {
      own.once('disconnected', () => resolve(undefined));
    });
    own.on('interactive', (envelope: Envelope) => void answer(envelope));
    const starting = own.start();
    try {
      await Promise.race([starting, late()]);
      if (stopping.signal.aborted) void own.disconnect();
      state = { ok: true, detail: 'connected' };
      log.info('Slack socket connected');
      return await ended;
    } catch (error) {
      // should it come about after all, it is closed again
      starting.then(() => own.disconnect()).catch(() => {});
      if (error === undefined) return 'Slack closed the connection before its hello';
      return slackError('Socket Mode', error, appToken).message;
    }
  }

  async function newClient(): Promise<SocketModeClient> {
    const sdk = await import('@slack/socket-mode');
    return new sdk.SocketModeClient({
      appToken,
      autoReconnectEnabled: false,
      logger: silentLogger,
      clientOptions: {
        retryConfig: { retries: 0 },
        rejectRateLimitedCalls: true,
        timeout: openTimeoutMs,
        ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl }),
      },
    });
  }

  /** Never throws. What Slack sends again is answered again, and done once. */
  async function answer({ envelope_id: id, body, ack }: Envelope): Promise<void> {
    const work = taken.get(id) ?? takeInteraction(body);
    taken.set(id, work);
    const [oldest] = taken.keys();
    if (taken.size > remembered && oldest !== undefined) taken.delete(oldest);
    const answered = await work.catch((error: unknown) => {
      log.warn({ fault: messageOf(error) }, 'an interaction in Slack could not be read');
      return undefined;
    });
    await ack({ ...answered }).catch((error: unknown) => {
      log.warn({ fault: messageOf(error) }, 'an interaction in Slack was not acknowledged');
    });
  }

  async function pause(failures: number): Promise<void> {
    const waitMs = failures === 0 ? 0 : Math.min(minBackoffMs * 2 ** (failures - 1), maxBackoffMs);
    // scattered, so that receivers that lost Slack together do not come back together
    const scatteredMs = waitMs * (0.5 + Math.random() / 2);
    await sleep(scatteredMs, undefined, { signal: stopping.signal }).catch(() => {});
  }

  return {
    start() {
      running ??= run();
    },
    async stop() {
      stopping.abort();
      const closed = Promise.all([client?.disconnect(), running]);
      await Promise.race([closed, sleep(closeWithinMs, undefined, { ref: false })]);
    },
    state: () => state,
  };
}

async function late(): Promise<never> {
  await sleep(helloWithinMs, undefined, { ref: false });
  throw new Error(`Slack sent no hello within ${helloWithinMs / 1_000} s`);
}

import { checkNotification } from '../alertmanager/payload.js';
import type { Posted } from '../alertmanager/received.js';
import { reduceNotification } from '../alertmanager/reduced.js';
import type { Clock } from '../lib/clock.js';
import { InputError, messageOf } from '../lib/errors.js';
import { mendText, parseJson } from '../lib/http/body.js';
import { presentsToken } from '../lib/http/token.js';
import type { Logger } from '../lib/logger.js';
import type { Metrics } from '../lib/metrics.js';
import { OverloadedError } from '../queue/group-commit.js';
import { isFromBrowser } from './caller.js';
import { isNestedDeeper } from './nesting.js';
import { createTurns } from './turns.js';

/** What `createTakeNotification` is made of. */
export interface TakeNotificationParts {
  /** Puts a notification durably into the queue. @throws when Redis does not take it. */
  readonly enqueuePosted: (posted: Posted) => Promise<void>;
  readonly metrics: Metrics;
  /** `undefined`: every caller that reaches the port may post. */
  readonly webhookToken: string | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A notification as it was posted. */
export interface Post {
  /** A header by its name in small letters. */
  header(name: string): string | undefined;
  /** Its body; `null`: it is larger than that. @throws what the connection throws when it breaks off. */
  body(maxBytes: number): Promise<Buffer | null>;
  /** The address that it comes from. */
  readonly from: string | undefined;
}

/** The answer to the one who posted. */
export interface PostAnswer {
  readonly status: 200 | 400 | 401 | 403 | 413 | 503;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What became of a notification, as it is counted. */
const refusals = [
  'unauthorized',
  'too_large',
  'not_json',
  'not_v4',
  'unavailable',
  'overloaded',
] as const;
type Refusal = (typeof refusals)[number];

interface Unreadable {
  readonly outcome: 'not_json' | 'not_v4';
  readonly fault: InputError;
}

/** How often it is said that notifications are refused because too much waits. */
const overloadAgainMs = 10_000;

/** The only setting of Alertmanager by which it posts something else than its notification. */
const payloadAdvice =
  'Jidoka reads the default body of Alertmanager: remove the setting "payload" from webhook_configs of this receiver';

/** A body that is larger than this is refused. */
export const maxBodyBytes = 32 * 1024 * 1024;

/**
 * Takes what Alertmanager posts. A 2xx promises that the notification lies in Redis. Alertmanager
 * sends again after a 5xx only, and drops a notification after any other refusal (`notify/util.go` in
 * its source): so what is temporary, or not understood, is always 503.
 */
export function createTakeNotification(parts: TakeNotificationParts) {
  const { enqueuePosted, metrics, webhookToken, clock, log } = parts;
  const takeTurn = createTurns();
  let saidOverloadAtMs = Number.NEGATIVE_INFINITY;
  // A counter that begins at 1 has not increased, as Prometheus sees it.
  for (const outcome of ['accepted', ...refusals]) metrics.notifications.inc({ outcome }, 0);

  /** Never throws. */
  return async function takeNotification(post: Post): Promise<PostAnswer> {
    try {
      return await take(post);
    } catch (error) {
      if (error instanceof OverloadedError) countOverload(error);
      else count(post, 'unavailable', messageOf(error));
      const message = 'Redis could not store the notification; send it again';
      return { status: 503, body: { error: message }, headers: { 'retry-after': '5' } };
    }
  };

  async function take(post: Post): Promise<PostAnswer> {
    const receivedAtMs = clock.now();
    if (webhookToken === undefined) {
      if (isFromBrowser(post.header)) return refuseBrowser(post);
    } else if (!presentsToken(post.header('authorization'), webhookToken, { basic: true })) {
      return refuseStranger(post);
    }

    const bytes = await post.body(maxBodyBytes);
    if (bytes === null) {
      count(post, 'too_large');
      const error = `body: expected at most ${maxBodyBytes} bytes`;
      return { status: 413, body: { error, path: 'body' } };
    }
    const isLarge = bytes.length > largeBytes;
    const checked = isLarge ? await takeTurn(() => check(bytes)) : check(bytes);
    if ('fault' in checked) return refuse(post, checked);
    const body = checked.reduced ?? mendText(bytes);
    await enqueuePosted({ receivedAtMs, body });
    metrics.notifications.inc({ outcome: 'accepted' });
    return { status: 200, body: { status: 'queued', alerts: checked.alerts } };
  }

  function refuse(post: Post, { outcome, fault }: Unreadable): PostAnswer {
    count(post, outcome, outcome === 'not_json' ? fault.message : fault.path);
    return { status: 400, body: { error: `${fault.message}. ${payloadAdvice}`, path: fault.path } };
  }

  function refuseStranger(post: Post): PostAnswer {
    count(post, 'unauthorized');
    const error =
      'expected the token in JIDOKA_WEBHOOK_TOKEN, as a bearer token or as the password of basic authentication';
    const challenge = 'Bearer realm="jidoka", Basic realm="jidoka"';
    return { status: 401, body: { error }, headers: { 'www-authenticate': challenge } };
  }

  function refuseBrowser(post: Post): PostAnswer {
    count(post, 'unauthorized');
    const error =
      'without JIDOKA_WEBHOOK_TOKEN no web page may post here; set it, and send it as a bearer token';
    return { status: 403, body: { error } };
  }

  /** In a storm each line would be one of thousands. */
  function countOverload({ message }: OverloadedError): void {
    metrics.notifications.inc({ outcome: 'overloaded' });
    if (saidOverloadAtMs + overloadAgainMs > clock.now()) return;
    saidOverloadAtMs = clock.now();
    log.error({ outcome: 'overloaded', fault: message }, 'notifications refused: overloaded');
  }

  /** Never with the body or the token. */
  function count(post: Post, outcome: Refusal, fault?: string): void {
    metrics.notifications.inc({ outcome });
    log.warn({ outcome, fault, from: post.from }, 'notification refused');
  }
}

/** A notification that is larger waits for its turn, and is reduced to what is read of it. */
const largeBytes = 1024 * 1024;
/** Alertmanager's have six. */
const maxLevels = 1_000;

interface Checked {
  /** How many alerts it has. */
  readonly alerts: number;
  /** What goes into the queue in its place. */
  readonly reduced?: Buffer;
}

/**
 * How many alerts a notification has, or why it is none. What was parsed is let go of here: in a storm
 * the garbage collector would carry along what waits to be written.
 */
function check(bytes: Buffer): Checked | Unreadable {
  let outcome: Unreadable['outcome'] = 'not_json';
  const isLarge = bytes.length > largeBytes;
  try {
    if (isLarge && isNestedDeeper(bytes, maxLevels)) {
      throw new InputError(`body: expected at most ${maxLevels} levels of nesting`, 'body');
    }
    const body = parseJson(bytes);
    outcome = 'not_v4';
    const posted = checkNotification(body);
    const alerts = posted.alerts.length;
    const reduced = isLarge ? reduceNotification(posted) : null;
    return reduced === null
      ? { alerts }
      : { alerts, reduced: Buffer.from(JSON.stringify(reduced)) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { outcome, fault: error };
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import { type Sent, sendAnnouncement } from '../../announcements/send.js';
import type { AnnouncementReceiver, AnnouncementSettings } from '../../announcements/settings.js';
import type { Announcement } from '../../ledger/announcements.js';
import { messageOf } from '../../lib/errors.js';
import type { Logger } from '../../lib/logger.js';
import type { Metrics } from '../../lib/metrics.js';
import { shortHash } from '../../lib/short-hash.js';

/** So many requests to one host are on their way at a time. */
const maxConcurrency = 8;

/** What a delivery is made of. */
export interface DeliveryParts {
  readonly settings: AnnouncementSettings;
  readonly metrics: Pick<Metrics, 'announcements'>;
  readonly log: Logger;
  /** What is announced now; `undefined`: nothing, or another worker does. */
  readonly record: (subject: string) => Announcement | undefined;
  /** Whether a request may begin: no other worker announces until it is over. */
  readonly mayBegin: () => boolean;
  /** Records that a receiver has an event, or gets it no more. */
  readonly settle: (subject: string, turn: number, receiver: string) => Promise<void>;
}

/** A receiver with the name under which it is recorded, which does not tell its address. */
interface Named extends AnnouncementReceiver {
  readonly name: string;
  /** Its address without user, password, path and query. */
  readonly origin: string;
}

/** An event on its way to a receiver. */
interface Flight {
  readonly subject: string;
  turn: number;
  /** Ends the wait for the next attempt. */
  wake: () => void;
  over: Promise<void>;
}

/** The requests to one host. */
interface Line {
  active: number;
  readonly waiting: (() => void)[];
}

/**
 * Brings events to their receivers, to each of them by itself. No host gets an older event of a service or a
 * node after a newer one: a newer event ends the wait of an older one, and waits for a request that is on
 * its way.
 */
export function createDelivery(parts: DeliveryParts) {
  const { settings, metrics, log, record, mayBegin, settle } = parts;
  const receivers = {
    createService: named(settings.receivers.createService),
    removeService: named(settings.receivers.removeService),
    createNode: named(settings.receivers.createNode),
    removeNode: named(settings.receivers.removeNode),
  };
  /** What is being delivered, by receiver and subject. */
  const flights = new Map<string, Flight>();
  /** The requests that are on their way, by host and subject, with the turns of their events. */
  const sending = new Map<string, Map<Promise<unknown>, number>>();
  const lines = new Map<string, Line>();

  /** Begins to deliver what is to be delivered. */
  function look(subjects: Iterable<string>): void {
    for (const { subject, turn, wake } of flights.values()) {
      if (record(subject)?.turn !== turn) wake();
    }
    for (const subject of subjects) {
      const one = record(subject);
      for (const receiver of one === undefined ? [] : receiversOf(one)) {
        if (isPending(one, receiver)) begin(subject, receiver);
      }
    }
  }

  function begin(subject: string, receiver: Named): void {
    const key = `${receiver.name} ${subject}`;
    if (flights.has(key)) return;
    const flight: Flight = { subject, turn: 0, wake: () => {}, over: Promise.resolve() };
    flights.set(key, flight);
    flight.over = fly(flight, receiver)
      .catch((error: unknown) => {
        // the next look begins it again
        log.warn({ fault: messageOf(error) }, 'announcement not recorded');
      })
      .finally(() => flights.delete(key));
  }

  /** Delivers to a receiver until it has what is announced, or another worker announces. */
  async function fly(flight: Flight, receiver: Named): Promise<void> {
    const { subject } = flight;
    let tries = 0;
    for (;;) {
      const one = record(subject);
      if (one === undefined || !isPending(one, receiver) || !mayBegin()) return;
      if (flight.turn !== one.turn) tries = 0;
      flight.turn = one.turn;
      const sent = await inLine(receiver.origin, () => sendNow(subject, receiver, one));
      if (sent === undefined || record(subject)?.turn !== one.turn) continue;
      tries += 1;
      const isLast = tries > settings.retries;
      count(one, sent, isLast, receiver);
      if (sent.taken || isLast) {
        await settle(subject, one.turn, receiver.name);
        continue;
      }
      const woken = new AbortController();
      flight.wake = () => woken.abort();
      const options = { signal: woken.signal, ref: false };
      await sleep(settings.retryMs, undefined, options).catch(() => {});
    }
  }

  function isPending(one: Announcement | undefined, receiver: Named): boolean {
    if (one === undefined || one.waits || one.settled.includes(receiver.name)) return false;
    return receiversOf(one).includes(receiver);
  }

  /** Sends an event after those before it; `undefined`: there is a newer one by now. */
  async function sendNow(
    subject: string,
    receiver: Named,
    one: Announcement,
  ): Promise<Sent | undefined> {
    const key = `${receiver.origin} ${subject}`;
    const active = sending.get(key) ?? new Map<Promise<unknown>, number>();
    sending.set(key, active);
    const older = [...active].flatMap(([request, turn]) => (turn < one.turn ? [request] : []));
    await Promise.all(older);
    if (record(subject)?.turn !== one.turn || !mayBegin()) return undefined;
    const request = send(receiver, one);
    active.set(request, one.turn);
    try {
      return await request;
    } finally {
      active.delete(request);
      if (active.size === 0) sending.delete(key);
    }
  }

  function send(receiver: Named, { event, parameters, removal }: Announcement): Promise<Sent> {
    const isCreate = event === 'create';
    return sendAnnouncement(
      receiver,
      isCreate ? parameters : removal,
      (status) => status === 200 || (isCreate && status === 409),
    );
  }

  function count({ kind, event }: Announcement, sent: Sent, isLast: boolean, { origin }: Named) {
    const result = sent.taken ? 'delivered' : isLast ? 'failed' : 'retried';
    metrics.announcements.inc({ kind, event, result });
    if (sent.taken) return;
    const detail = { kind, event, to: origin, fault: sent.why };
    if (isLast) log.warn(detail, 'announcement not delivered: it is not tried again');
    else log.debug(detail, 'announcement not delivered yet');
  }

  /** Makes a request when fewer than so many are on their way to its host. */
  async function inLine<T>(origin: string, request: () => Promise<T>): Promise<T> {
    const line = lines.get(origin) ?? { active: 0, waiting: [] };
    lines.set(origin, line);
    if (line.active >= maxConcurrency) {
      await new Promise<void>((resolve) => line.waiting.push(resolve));
    } else {
      line.active += 1;
    }
    try {
      return await request();
    } finally {
      const next = line.waiting.shift();
      if (next === undefined) line.active -= 1;
      else next();
    }
  }

  function receiversOf({ kind, event }: Announcement): readonly Named[] {
    const isCreate = event === 'create';
    if (kind === 'service') return receivers[isCreate ? 'createService' : 'removeService'];
    return receivers[isCreate ? 'createNode' : 'removeNode'];
  }

  return {
    look,

    /** Whether every receiver has an event, or gets it no more. */
    isOver: (one: Announcement): boolean =>
      receiversOf(one).every(({ name }) => one.settled.includes(name)),

    /** Ends all waits, and settles when no request is on its way. */
    async ended(): Promise<void> {
      const all = [...flights.values()];
      for (const { wake } of all) wake();
      await Promise.all(all.map(({ over }) => over));
    },
  };
}

/** Receivers with their names, each once. */
function named(receivers: readonly AnnouncementReceiver[]): readonly Named[] {
  const all = receivers.map((one) => {
    return { ...one, name: shortHash(`${one.method} ${one.url}`), origin: new URL(one.url).origin };
  });
  return [...new Map(all.map((one) => [one.name, one])).values()];
}

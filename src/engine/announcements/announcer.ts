import { randomUUID } from 'node:crypto';
import type { AnnouncedWorld } from '../../announcements/announced-world.js';
import { requestMs } from '../../announcements/send.js';
import type { AnnouncementSettings } from '../../announcements/settings.js';
import {
  type Announcement,
  announcerMs,
  freeAnnouncer,
  holdAnnouncer,
  readAnnouncements,
  takeRequests,
  writeAnnouncements,
} from '../../ledger/announcements.js';
import type { Ledger } from '../../ledger/ledger.js';
import type { Clock } from '../../lib/clock.js';
import type { Logger } from '../../lib/logger.js';
import type { Metrics } from '../../lib/metrics.js';
import { createChangeFinder } from './changes.js';
import { createDelivery } from './delivery.js';

/** How often a worker looks at what is to be announced. */
export const announceEveryMs = 1_000;

/** What the announcer is made of. */
export interface AnnouncerParts {
  readonly ledger: Ledger;
  readonly settings: AnnouncementSettings;
  readonly metrics: Pick<Metrics, 'announcements'>;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Announces services and nodes to the configured addresses, as Docker Flow Swarm Listener does: from one
 * worker of a cell at a time, and only from one that sees the Swarm. What was announced is in Redis, so that
 * the next worker continues where the last one ended.
 */
export function createAnnouncer({ ledger, settings, metrics, clock, log }: AnnouncerParts) {
  const worker = randomUUID();
  const findChanges = createChangeFinder(settings, clock);
  let world: AnnouncedWorld | null = null;
  /** What was announced; `undefined`: another worker announces. */
  let records: Map<string, Announcement> | undefined;
  /** Until then no other worker announces. */
  let heldUntilMs = Number.NEGATIVE_INFINITY;

  const delivery = createDelivery({
    settings,
    metrics,
    log,
    record: (subject) => records?.get(subject),
    // a request that begins now is over before another worker may send one
    mayBegin: () => records !== undefined && clock.now() + requestMs < heldUntilMs,
    settle,
  });

  /** Takes what can be seen of the Swarm; `null`: nothing at present. */
  function take(seen: AnnouncedWorld | null): void {
    world = seen;
  }

  /** Announces what has changed. Throws what Redis throws, and what the Swarm throws where it is asked. */
  async function look(): Promise<void> {
    if (world === null) return stop();
    if (!(await hold())) return;
    records ??= new Map(await readAnnouncements(ledger));
    const { isAgain, readAgain } = await takeRequests(ledger);
    for (const what of readAgain) world.readAgain(withoutPrefix(what));
    const changed = await findChanges(records, world, isAgain);
    const keptOnes = [...changed].map(([subject, record]) => [subject, kept(record)] as const);
    if (changed.size > 0) await write(() => new Map(keptOnes));
    delivery.look(records?.keys() ?? []);
  }

  async function hold(): Promise<boolean> {
    const nowMs = clock.now();
    if (await holdAnnouncer(ledger, worker, records !== undefined, nowMs)) {
      heldUntilMs = nowMs + announcerMs;
      return true;
    }
    records = undefined;
    return false;
  }

  let writing: Promise<void> = Promise.resolve();

  /** Records changes, one write after another: each is made of what the one before has left. */
  function write(
    changes: () => ReadonlyMap<string, Announcement | null> | undefined,
  ): Promise<void> {
    const mine = writing.then(async () => {
      const changed = changes();
      if (changed === undefined || records === undefined) return;
      const isWritten = await writeAnnouncements(ledger, worker, changed, clock.now());
      if (!isWritten) records = undefined;
      for (const [subject, record] of changed) {
        if (record === null) records?.delete(subject);
        else records?.set(subject, record);
      }
    });
    writing = mine.catch(() => {});
    return mine;
  }

  /** Records that a receiver has an event, or gets it no more. Throws what Redis throws. */
  function settle(subject: string, turn: number, receiver: string): Promise<void> {
    return write(() => {
      const record = records?.get(subject);
      if (record?.turn !== turn) return undefined;
      const settled = { ...record, settled: [...record.settled, receiver] };
      return new Map([[subject, kept(settled)]]);
    });
  }

  /** What is kept of a record: nothing once its removal is told. */
  function kept(record: Announcement): Announcement | null {
    return record.event === 'remove' && delivery.isOver(record) ? null : record;
  }

  /** The names of services in announcements have a prefix that those in the Swarm do not have. */
  function withoutPrefix(what: { readonly service: string } | 'nodes') {
    const { prefix } = settings;
    if (what === 'nodes' || prefix === undefined) return what;
    const { service } = what;
    return {
      service: service.startsWith(`${prefix}_`) ? service.slice(prefix.length + 1) : service,
    };
  }

  /** Lets another worker announce. Throws what Redis throws. */
  async function stop(): Promise<void> {
    if (records === undefined) return;
    records = undefined;
    heldUntilMs = Number.NEGATIVE_INFINITY;
    await delivery.ended();
    await freeAnnouncer(ledger, worker, clock.now());
  }

  return { take, look, stop };
}

import { createHash } from 'node:crypto';
import type { Clock } from '../../lib/clock.js';
import { messageOf } from '../../lib/errors.js';
import type { Logger } from '../../lib/logger.js';
import type { Metrics } from '../../lib/metrics.js';
import { formatProblem } from '../../playbook/problem.js';
import type { ReadPlaybooks } from '../../playbook/read.js';
import type { PublishedBy } from './active-set.js';
import type { OwnPlaybooks, PlaybookChecker } from './playbook-checker.js';

/** What came of a reload. */
export type Reloaded =
  /** `unchanged`: the folder holds what it held when it was last taken. */
  | { readonly kind: 'activated' | 'unchanged'; readonly set: OwnPlaybooks }
  /** The set in use stays; what is wrong with the folder, a line each. */
  | { readonly kind: 'refused'; readonly problems: readonly string[] };

/** How the last reload that was due went. */
export interface ReloadState {
  readonly ok: boolean;
  readonly atMs: number;
  /** What was wrong, a line each. */
  readonly problems: readonly string[];
}

/** How often the folder is looked at. */
export const lookEveryMs = 2_000;
/** A read that takes long is followed by so many times its length without one, up to a minute. */
const restFactor = 20;
const maxRestMs = 60_000;
const stopping = 'the engine is stopping';
const ifMeant = 'If this is intended, reload with SIGHUP or POST /-/reload';

/**
 * Takes over what changes in the playbook folder and the policy: checked as a whole, published as a
 * whole; what is at fault leaves the set in use. Only a change is published, so that engines of one
 * cell with different folders do not take turns.
 *
 * @param options.own what the engine started with
 * @param options.publish makes a set the active one of the cell; throws what Redis throws
 */
export function createReloader(options: {
  readonly own: OwnPlaybooks;
  readonly check: PlaybookChecker;
  /** Never throws: what cannot be read is a problem. */
  readonly read: () => Promise<ReadPlaybooks>;
  readonly publish: (set: OwnPlaybooks, by: PublishedBy) => Promise<void>;
  readonly clock: Clock;
  readonly metrics: Pick<Metrics, 'reloadSuccessful' | 'reloadSuccessSeconds'>;
  readonly log: Logger;
}) {
  const { check, read, publish, clock, metrics, log } = options;
  let own = options.own;
  /** The content that was dealt with last, taken or refused. */
  let known = fingerprint({ texts: own.texts, problems: [] });
  /** Content that was seen once: it is dealt with when a second look sees the same. */
  let seen: string | null = null;
  let nextLookAtMs = 0;
  let state: ReloadState = { ok: true, atMs: clock.now(), problems: [] };
  let running: Promise<unknown> = Promise.resolve();
  let publishing: Promise<unknown> = Promise.resolve();
  let next: Promise<Reloaded> | null = null;
  let isStopped = false;
  /** What to call at the stop for each read and check that is waited for. */
  const waits = new Set<() => void>();
  succeed();

  /**
   * Reloads now. Anyone who asks while one is under way gets the next, which reads what is there then.
   *
   * @throws what Redis throws; the watch tries again.
   */
  function reload(by: PublishedBy): Promise<Reloaded> {
    next ??= inTurn(async () => {
      next = null;
      const found = await unlessStopped(read());
      return take(found, fingerprint(found), by);
    });
    return next;
  }

  /** Looks whether the folder has changed; a change is taken when it has come to rest. */
  async function look(): Promise<void> {
    if (isStopped || clock.now() < nextLookAtMs) return;
    await inTurn(async () => {
      const beganAtMs = clock.now();
      const found = await unlessStopped(read());
      const restMs = Math.min(restFactor * (clock.now() - beganAtMs), maxRestMs);
      // while the file system hangs, a look takes no time, and the next sees that it is back
      nextLookAtMs = found.hanging === undefined ? clock.now() + restMs : 0;
      const content = fingerprint(found);
      if (content === seen || found.hanging !== undefined) {
        await take(found, content, 'folder changed');
      } else seen = content === known ? null : content;
    }).catch((error: unknown) => {
      if (!isStopped) throw error;
    });
  }

  /** Stops reloading. Waits for a set that is being published, and for no file. */
  async function stop(): Promise<void> {
    isStopped = true;
    for (const giveUp of waits) giveUp();
    await publishing;
  }

  /** Waits for work, and rejects at the stop: a read or a check may take long, or never end. */
  function unlessStopped<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const giveUp = () => reject(new Error(stopping));
      waits.add(giveUp);
      work.then(resolve, reject).finally(() => waits.delete(giveUp));
    });
  }

  /** One after another. */
  function inTurn<T>(task: () => Promise<T>): Promise<T> {
    const turn = running.then(() => {
      if (isStopped) throw new Error(stopping);
      return task();
    });
    running = turn.catch(() => {});
    return turn;
  }

  async function take(found: ReadPlaybooks, content: string, by: PublishedBy): Promise<Reloaded> {
    if (found.hanging !== undefined) {
      return refuse(content, found.problems.map(formatProblem), by);
    }
    const checked = await unlessStopped(check(found.texts, found.problems));
    if (checked.kind === 'bad') return refuse(content, checked.problems, by);
    const { set } = checked;
    const gone = whatIsGone(own, set);
    if (gone !== null && by === 'folder changed') return refuse(content, [gone], by);
    const isChanged = set.hash !== own.hash;
    try {
      if (isChanged) {
        const done = publish(set, by);
        publishing = done.catch(() => {});
        await done;
      }
    } catch (error) {
      fail([`Jidoka could not publish the changed playbooks: ${messageOf(error)}`], by);
      throw error;
    }
    own = set;
    known = content;
    seen = null;
    const isToldOf = !state.ok || by !== 'folder changed';
    succeed();
    if (isChanged) {
      const playbooks = set.library.playbooks.length;
      log.info({ set: set.hash, playbooks, by }, 'playbooks reloaded');
    } else if (isToldOf) {
      log.info({ set: set.hash, by }, 'playbooks unchanged');
    }
    return { kind: isChanged ? 'activated' : 'unchanged', set };
  }

  function refuse(content: string, problems: readonly string[], by: PublishedBy): Reloaded {
    known = content;
    seen = null;
    fail(problems, by);
    return { kind: 'refused', problems };
  }

  function succeed(): void {
    state = { ok: true, atMs: clock.now(), problems: [] };
    metrics.reloadSuccessful.set(1);
    metrics.reloadSuccessSeconds.set(state.atMs / 1_000);
  }

  /** The same failure again is nothing new, but to who asked for a reload. */
  function fail(problems: readonly string[], by: PublishedBy): void {
    const isNews = by !== 'folder changed' || state.problems.join('\n') !== problems.join('\n');
    state = { ok: false, atMs: clock.now(), problems };
    metrics.reloadSuccessful.set(0);
    if (isNews) log.error({ problems, by }, 'playbooks not reloaded; the active set stays in use');
  }

  return { reload, look, stop, state: () => state };
}

/** What no one takes away all at once without meaning it: all playbooks, or the policy with its limits. */
function whatIsGone(before: OwnPlaybooks, now: OwnPlaybooks): string | null {
  if (now.library.playbooks.length === 0 && before.library.playbooks.length > 0) {
    return `the folder holds no playbook: is it mounted and checked out? ${ifMeant}`;
  }
  const { file } = now.texts.policy;
  return now.texts.policy.text === '' && before.texts.policy.text !== ''
    ? `${file} is missing, and with it its limits, windows and bounds. ${ifMeant}`
    : null;
}

/** Two reads of the same content have the same. */
function fingerprint({ texts, problems }: ReadPlaybooks): string {
  const whole = JSON.stringify([texts, problems.map(formatProblem)]);
  return createHash('sha256').update(whole).digest('hex');
}

import { createHash } from 'node:crypto';
import type { Clock } from '../clock.js';
import { messageOf } from '../errors.js';
import type { Logger } from '../logger.js';
import type { Metrics } from '../metrics.js';
import { formatProblem, type PlaybookProblem } from '../playbook/problem.js';
import type { PlaybookTexts } from '../playbook/read.js';
import type { PublishedBy } from './active-set.js';
import type { OwnPlaybooks, PlaybookChecker } from './own-playbooks.js';

/** What a folder holds at a moment, and what of it could not be read. */
export interface ReadFolder {
  readonly texts: PlaybookTexts;
  readonly problems: readonly PlaybookProblem[];
}

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
/** A look that takes long is followed by so many times its length without one. */
const restFactor = 20;
const ifMeant = 'If that is meant, reload with SIGHUP or POST /-/reload';

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
  readonly read: () => Promise<ReadFolder>;
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
  let next: Promise<Reloaded> | null = null;
  let isStopped = false;
  succeed();

  /**
   * Reloads now. Whoever asks while one is under way gets the next, which reads what is there then.
   *
   * @throws what Redis throws; the watch tries again.
   */
  function reload(by: PublishedBy): Promise<Reloaded> {
    next ??= inTurn(async () => {
      next = null;
      const found = await read();
      return take(found, fingerprint(found), by);
    });
    return next;
  }

  /** Looks whether the folder has changed; a change is taken when it has come to rest. */
  async function look(): Promise<void> {
    if (isStopped || clock.now() < nextLookAtMs) return;
    await inTurn(async () => {
      const beganAtMs = clock.now();
      try {
        const found = await read();
        const content = fingerprint(found);
        if (content === seen) await take(found, content, 'folder changed');
        else seen = content === known ? null : content;
      } finally {
        nextLookAtMs = clock.now() + restFactor * (clock.now() - beganAtMs);
      }
    });
  }

  /** Reloads nothing any more, and waits for what is under way. */
  async function stop(): Promise<void> {
    isStopped = true;
    await running;
  }

  /** One after another. */
  function inTurn<T>(task: () => Promise<T>): Promise<T> {
    const turn = running.then(() => {
      if (isStopped) throw new Error('the engine is stopping');
      return task();
    });
    running = turn.catch(() => {});
    return turn;
  }

  async function take(found: ReadFolder, content: string, by: PublishedBy): Promise<Reloaded> {
    const checked = await check(found.texts, found.problems);
    if (checked.kind === 'bad') return refuse(content, checked.problems, by);
    const { set } = checked;
    const gone = whatIsGone(own, set);
    if (gone !== null && by === 'folder changed') return refuse(content, [gone], by);
    const isChanged = set.hash !== own.hash;
    try {
      if (isChanged) await publish(set, by);
    } catch (error) {
      fail([`the changed playbooks could not be published: ${messageOf(error)}`], by);
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
      log.info({ set: set.hash, by }, 'the playbooks are as they were');
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
    if (isNews)
      log.error({ problems, by }, 'the playbooks could not be reloaded; the set in use stays');
  }

  return { reload, look, stop, state: () => state };
}

/** What nobody takes away all at once without meaning it: all playbooks, or the policy with its limits. */
function whatIsGone(before: OwnPlaybooks, now: OwnPlaybooks): string | null {
  if (now.library.playbooks.length === 0 && before.library.playbooks.length > 0) {
    return `no playbook is left in the folder: is it mounted, and checked out? ${ifMeant}`;
  }
  const { file } = now.texts.policy;
  return now.texts.policy.text === '' && before.texts.policy.text !== ''
    ? `${file} is gone, and with it the limits, windows and bounds that it set. ${ifMeant}`
    : null;
}

/** Two reads of the same content have the same. */
function fingerprint({ texts, problems }: ReadFolder): string {
  const whole = JSON.stringify([texts, problems.map(formatProblem)]);
  return createHash('sha256').update(whole).digest('hex');
}

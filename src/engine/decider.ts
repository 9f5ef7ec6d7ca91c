import { setTimeout as sleep } from 'node:timers/promises';
import type { Episode, Verdict } from '../ledger/episode.js';
import type { Stored, StoredEpisode } from '../ledger/reads.js';
import { type Batch, createBatch } from './batch.js';
import { createCarryOut } from './carry-out.js';
import { isPending } from './command.js';
import { ownVerdict } from './own-verdict.js';
import type { EngineParts } from './parts.js';
import { agendaWrite, recordVerdict, withVerdict } from './record.js';
import { resolve } from './resolve.js';
import { type Chosen, choose, needsNoTarget, rule } from './rule.js';
import { foretell, recordForetold, unshown } from './shadow.js';
import { closeSilent, isSilent } from './silence.js';
import { stepInVain, tellStillFiring } from './still-firing.js';
import { isFinal, isResting, withMoreToDecide, withoutOtherHolds } from './verdicts.js';
import { stillBusy } from './waiters.js';

const mostConflicts = 50;

/**
 * Decides what becomes of open episodes and records it: the impure half around `decide`. An episode
 * that is decided already is left as it is, a held one is decided again; so it may be called at any
 * time, by any worker.
 */
export type Decider = ReturnType<typeof createDecider>;

export function createDecider(parts: EngineParts) {
  const { ledger, clock } = parts;
  const carryOut = createCarryOut(parts);

  /**
   * @param known the episode where it was just read or written; left out, it is read
   * @throws what Redis throws; nothing is lost then, the agenda still has the episode.
   */
  async function decideEpisode(
    identity: string,
    batch: Batch = createBatch(parts.actions),
    known?: StoredEpisode,
  ): Promise<void> {
    for (let conflicts = 0; conflicts < mostConflicts; conflicts += 1) {
      const isKnown = known !== undefined && conflicts === 0;
      const [stored] = isKnown ? [known] : await ledger.episodes([identity]);
      if (stored == null || stored.value.state === 'closed') return;
      if (await decideOnce(stored, { batch })) return;
      await sleep(Math.random() * 10 * conflicts);
    }
    throw new Error(`episode ${identity} is changed by others faster than it can be decided`);
  }

  /** Reads targets while the alert is written down. What that comes to, faults too, is met after it. */
  function beginToRead({ asked, input }: Chosen, { observe }: Batch): void {
    for (const playbook of asked) {
      if (playbook.ignore) continue;
      resolve(playbook, input, observe, parts.active().policy.bounds).catch(() => {});
    }
  }

  /**
   * Decides an episode that is not written yet, and writes it down with its decision: an alert that
   * needs no look at any target takes one transaction.
   *
   * @param options.isFirst nobody was met yet who changed it too: then breakers are taken to be closed,
   *   and nothing begins if that is not so
   * @param options.readsEarly targets that have to be looked at are read from now on
   * @returns `later`: it is to be written first, and decided after that; `conflict`: somebody else
   *   changed the episode meanwhile, and nothing is written.
   */
  async function decideUnsaved(
    stored: StoredEpisode,
    batch: Batch,
    { isFirst, readsEarly }: { readonly isFirst: boolean; readonly readsEarly: boolean },
  ): Promise<'decided' | 'later' | 'conflict'> {
    const chosen = choose(parts, stored.value);
    if (!needsNoTarget(parts, chosen)) {
      // those in shadow read first
      if (readsEarly && chosen.selection.shadows.length === 0) beginToRead(chosen, batch);
      return 'later';
    }
    const isDecided = await decideOnce(stored, { batch, chosen, breakersUnread: isFirst });
    return isDecided ? 'decided' : 'conflict';
  }

  /** `false`: somebody else changed the episode meanwhile. */
  async function decideOnce(
    stored: StoredEpisode,
    { batch, breakersUnread = false, ...how }: How,
  ): Promise<boolean> {
    const { observe } = batch;
    const nowMs = clock.now();
    if (isSilent(parts, stored.value, nowMs) && !(await isPending(parts, stored.value))) {
      return closeSilent(parts, stored, nowMs);
    }
    const own = ownVerdict(stored, parts.active().policy, nowMs);
    if (own !== null) return recordOwn(stored, own, nowMs);

    const busy = await stillBusy(parts, stored.value);
    if (isResting(stored.value, busy, parts.active().hash, nowMs)) return putBack(stored, nowMs);
    const chosen = how.chosen ?? choose(parts, stored.value);
    // before the others act, so that it is about the same state of things
    const shadows = chosen.isOver ? [] : unshown(stored.value, chosen.selection.shadows);
    const foretold = await foretell(parts, stored.value, shadows, chosen.input, observe);
    const { rulings } = await rule(parts, stored.value, chosen, {
      observe,
      busy,
      nowMs,
      breakersUnread,
    });
    const open = rulings.filter(({ playbook }) => !isFinal(stored.value, playbook?.name ?? null));
    const asked = new Set(open.map(({ playbook }) => playbook?.name ?? null));
    const episode = withoutOtherHolds(stored.value, asked);
    if (open.length === 0) {
      const vain = await stepInVain(parts, episode);
      if (vain === null) return tidy(stored, episode, nowMs);
      return (await tellStillFiring(parts, { ...stored, value: episode }, vain, nowMs)) !== null;
    }
    let current: Stored<Episode> = { ...stored, value: episode };
    for (const [index, ruling] of open.entries()) {
      const isLast = index === open.length - 1;
      current = { ...current, value: withMoreToDecide(current.value, !isLast) };
      const recorded = await carryOut(current, ruling, nowMs, batch);
      if (recorded === null) {
        if (stored.unsaved === undefined || index === 0) return false;
        // its alert is written by now: what is left to decide takes a look of its own
        await parts.wake(`episode:${episode.identity}`, nowMs);
        return true;
      }
      current = { rev: current.rev + 1, value: recorded };
    }
    await recordForetold(parts, stored.value.identity, foretold);
    return true;
  }

  /** Records what the engine itself makes of the episode; what is recorded already is only looked at again later. */
  async function recordOwn(stored: Stored<Episode>, own: Verdict, nowMs: number): Promise<boolean> {
    const known = stored.value.verdicts.find((verdict) => verdict.reason === own.reason);
    const episode = withoutOtherHolds(stored.value, new Set([null]));
    if (known?.playbook === null) return tidy(stored, withVerdict(episode, own), nowMs);
    return (await recordVerdict(parts, { ...stored, value: episode }, own)) !== null;
  }

  /**
   * Nothing is left to decide: the agenda keeps the episode only as far as its silence matters.
   * `false`: somebody else changed the episode meanwhile.
   */
  async function tidy(stored: Stored<Episode>, episode: Episode, nowMs: number): Promise<boolean> {
    const save = ledger.saveEpisode(stored, episode);
    const result = await ledger.commit({
      checks: [save.check],
      writes: [...save.writes, agendaWrite(parts, episode)],
      nowMs,
    });
    return result.kind === 'committed';
  }

  /** Nothing is due: else the sweep would look at it again and again. `false`: as with `tidy`. */
  async function putBack({ rev, value }: StoredEpisode, nowMs: number): Promise<boolean> {
    const result = await ledger.commit({
      checks: [{ kind: 'rev', key: ledger.keys.episode(value.identity), rev }],
      writes: [agendaWrite(parts, value)],
      nowMs,
    });
    return result.kind === 'committed';
  }

  return { decideEpisode, decideUnsaved };
}

interface How {
  readonly batch: Batch;
  /** Left out: it is chosen now. */
  readonly chosen?: Chosen;
  readonly breakersUnread?: boolean;
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { Disposition, Episode } from '../../ledger/episode.js';
import type { Stored, StoredEpisode } from '../../ledger/record-reads.js';
import { conflict, retryOnConflict } from '../../ledger/retry-on-conflict.js';
import { scheduleItem } from '../../ledger/schedule-item.js';
import type { EngineContext } from '../context/context.js';
import { isPending } from '../episode/command.js';
import { closeSilent, isSilent } from '../episode/inactivity.js';
import { type Batch, createBatch } from '../reading/batch.js';
import { resolve } from '../reading/resolve.js';
import { stillBusy } from '../schedule/waiters.js';
import { builtInDecision } from './built-in-decision.js';
import { createCarryOut } from './carry-out.js';
import { isFinal, isResting, withMoreToDecide, withoutOtherHolds } from './dispositions.js';
import {
  alreadyPassedOver,
  type Chosen,
  choose,
  evaluate,
  meetRequirements,
  needsNoTarget,
} from './evaluate.js';
import { recordDisposition, scheduleWrite, withDisposition } from './record.js';
import { predictShadow, recordPrediction, unpredicted } from './shadow.js';
import { stepInVain, tellStillFiring } from './still-firing.js';

const maxAttempts = 50;

/**
 * Decides what becomes of open episodes and records it: the impure half around `decide`. An episode
 * that is decided already is left as it is, a held one is decided again; so it may be called at any
 * time, by any worker.
 */
export type Decider = ReturnType<typeof createDecider>;

export function createDecider(context: EngineContext) {
  const { ledger, clock } = context;
  const carryOut = createCarryOut(context);

  /**
   * @param known the episode where it was just read or written; left out, it is read
   * @throws what Redis throws; nothing is lost then, the schedule still has the episode.
   */
  async function decideEpisode(
    identity: string,
    batch: Batch = createBatch(context.actions),
    known?: StoredEpisode,
  ): Promise<void> {
    const attempt = async (conflicts: number) => {
      const isKnown = known !== undefined && conflicts === 0;
      const [stored] = isKnown ? [known] : await ledger.episodes([identity]);
      if (stored == null || stored.value.state === 'closed') return undefined;
      if (await decideOnce(stored, { batch })) return undefined;
      await sleep(Math.random() * 10 * conflicts);
      return conflict;
    };
    await retryOnConflict(`episode ${identity}`, attempt, { maxAttempts });
  }

  /** Reads targets while the alert is written down. What that comes to, faults too, is met after it. */
  function beginToRead({ asked, input, startedAtMs }: Chosen, { reader }: Batch): void {
    const { bounds } = context.active().policy;
    for (const playbook of asked) {
      if (playbook.ignore) continue;
      resolve(playbook, input, reader, { bounds, startedAtMs }).catch(() => {});
    }
  }

  /**
   * Decides an episode that is not written yet, and writes it down with its decision: an alert that
   * needs no look at any target takes one transaction.
   *
   * @param options.isFirst no conflict so far: then breakers are taken to be closed,
   *   and nothing begins if that is not so
   * @param options.readsEarly targets that have to be looked at are read from now on
   * @returns `later`: it is to be written first, and decided after that; `conflict`: another worker
   *   changed the episode meanwhile, and nothing is written.
   */
  async function decideUnsaved(
    stored: StoredEpisode,
    batch: Batch,
    { isFirst, readsEarly }: { readonly isFirst: boolean; readonly readsEarly: boolean },
  ): Promise<'decided' | 'later' | 'conflict'> {
    const chosen = choose(context, stored.value);
    if (!needsNoTarget(context, chosen)) {
      // those in shadow read first
      if (readsEarly && chosen.selection.shadows.length === 0) beginToRead(chosen, batch);
      return 'later';
    }
    const isDecided = await decideOnce(stored, { batch, chosen, breakersUnread: isFirst });
    return isDecided ? 'decided' : 'conflict';
  }

  /** `false`: another worker changed the episode meanwhile. */
  async function decideOnce(
    stored: StoredEpisode,
    { batch, breakersUnread = false, ...how }: How,
  ): Promise<boolean> {
    const { reader } = batch;
    const nowMs = clock.now();
    if (isSilent(context, stored.value, nowMs) && !(await isPending(context, stored.value))) {
      return closeSilent(context, stored, nowMs);
    }
    const own = builtInDecision(stored, context.active().policy, nowMs);
    if (own !== null) return recordOwn(stored, own, nowMs);

    const busy = await stillBusy(context, stored.value);
    if (isResting(stored.value, busy, context.active().hash, nowMs)) return putBack(stored, nowMs);
    const matching = how.chosen ?? choose(context, stored.value);
    const chosen =
      alreadyPassedOver(context, stored.value, matching) ??
      (await meetRequirements(context, stored.value, matching, { reader, busy }));
    // before the others act, so that it is about the same state of things
    const shadows = chosen.isOver ? [] : unpredicted(stored.value, chosen.selection.shadows);
    const predictions = await predictShadow(context, stored.value, shadows, chosen.input, reader);
    const { decisions } = await evaluate(context, stored.value, chosen, {
      reader,
      busy,
      nowMs,
      breakersUnread,
    });
    const open = decisions.filter(({ playbook }) => !isFinal(stored.value, playbook?.name ?? null));
    const asked = new Set(open.map(({ playbook }) => playbook?.name ?? null));
    const episode = withoutOtherHolds(stored.value, asked);
    if (open.length === 0) {
      const vain = await stepInVain(context, episode);
      if (vain === null) return tidy(stored, episode, nowMs);
      return (await tellStillFiring(context, { ...stored, value: episode }, vain, nowMs)) !== null;
    }
    let current: Stored<Episode> = { ...stored, value: episode };
    for (const [index, decision] of open.entries()) {
      const isLast = index === open.length - 1;
      current = { ...current, value: withMoreToDecide(current.value, !isLast) };
      const recorded = await carryOut(current, decision, nowMs, batch);
      if (recorded === null) {
        if (stored.unsaved === undefined || index === 0) return false;
        // its alert is written by now: what is left to decide takes a look of its own
        await context.wake(scheduleItem('episode', episode.identity), nowMs);
        return true;
      }
      current = { rev: current.rev + 1, value: recorded };
    }
    await recordPrediction(context, stored.value.identity, predictions);
    return true;
  }

  /** Records what the engine itself makes of the episode; what is recorded already is only looked at again later. */
  async function recordOwn(
    stored: Stored<Episode>,
    own: Disposition,
    nowMs: number,
  ): Promise<boolean> {
    const known = stored.value.verdicts.find((disposition) => disposition.reason === own.reason);
    const episode = withoutOtherHolds(stored.value, new Set([null]));
    if (known?.playbook === null) return tidy(stored, withDisposition(episode, own), nowMs);
    return (await recordDisposition(context, { ...stored, value: episode }, own)) !== null;
  }

  /**
   * Nothing is left to decide: the schedule keeps the episode only as far as its silence matters.
   * `false`: another worker changed the episode meanwhile.
   */
  async function tidy(stored: Stored<Episode>, episode: Episode, nowMs: number): Promise<boolean> {
    const save = ledger.saveEpisode(stored, episode);
    const result = await ledger.commit({
      checks: [save.check],
      writes: [...save.writes, scheduleWrite(context, episode)],
      nowMs,
    });
    return result.kind === 'committed';
  }

  /** Nothing is due: else the sweep would look at it again and again. `false`: as with `tidy`. */
  async function putBack({ rev, value }: StoredEpisode, nowMs: number): Promise<boolean> {
    const result = await ledger.commit({
      checks: [{ kind: 'rev', key: ledger.keys.episode(value.identity), rev }],
      writes: [scheduleWrite(context, value)],
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

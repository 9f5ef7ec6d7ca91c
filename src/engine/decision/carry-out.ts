import { draftNotice, draftUnmatched, subjectOf } from '../../escalation/draft.js';
import type { Disposition, Episode } from '../../ledger/episode.js';
import type { Stored } from '../../ledger/record-reads.js';
import { scheduleItem } from '../../ledger/schedule-item.js';
import type { Playbook } from '../../playbook/playbook.js';
import type { EngineContext } from '../context/context.js';
import type { Batch } from '../reading/batch.js';
import { admitEpisode } from './admit.js';
import type { Decision } from './decide.js';
import { recordDisposition, recordEscalated } from './record.js';

/** Records what one playbook makes of an episode, and begins what follows from it. */
export function createCarryOut(context: EngineContext) {
  const { ledger } = context;

  /**
   * @param batch what the decisions that are made together share
   * @returns the episode as it was written; `null`: another worker changed it meanwhile.
   */
  async function carryOut(
    stored: Stored<Episode>,
    decision: Decision,
    nowMs: number,
    batch: Batch,
  ): Promise<Episode | null> {
    switch (decision.kind) {
      case 'run': {
        const admission = await admitEpisode(context, stored, decision, batch.runs);
        if (admission.kind === 'conflict') return null;
        if (admission.kind === 'recorded') return admission.episode;
        const { playbook } = decision;
        return hold(stored, { kind: 'hold', playbook, ...admission.hold }, nowMs);
      }
      case 'hold':
        return hold(stored, decision, nowMs);
      case 'escalate':
        return escalate(stored, decision, nowMs, batch);
      case 'ignore':
      case 'shadow':
        return recordDisposition(context, stored, {
          playbook: decision.playbook.name,
          fate: decision.kind === 'ignore' ? 'ignored' : 'shadow',
          reason: decision.kind === 'ignore' ? 'ignored' : 'matched',
          detail: decision.detail,
          atMs: nowMs,
        });
    }
  }

  async function hold(
    stored: Stored<Episode>,
    { playbook, reason, detail, untilMs, escalationId, waitsFor }: Holding,
    nowMs: number,
  ): Promise<Episode | null> {
    const known = stored.value.verdicts.find(
      (disposition) => disposition.playbook === playbook.name,
    );
    const sinceMs = known?.sinceMs ?? nowMs;
    const afterMs = playbook.escalate.afterMs ?? context.active().policy.escalate.afterMs;
    const toldBefore = known?.told === true;
    const toldAtMs = sinceMs + afterMs;
    const told = toldBefore || (escalationId === undefined && toldAtMs <= nowMs);
    const disposition: Disposition = {
      playbook: playbook.name,
      fate: 'held',
      reason,
      detail,
      atMs: nowMs,
      untilMs: told || toldAtMs <= nowMs ? untilMs : Math.min(untilMs, toldAtMs),
      sinceMs,
      told,
      ...(escalationId === undefined ? {} : { escalationId }),
      setHash: context.active().hash,
      ...(waitsFor === undefined ? {} : { waitsFor }),
    };
    const minutes = Math.round((nowMs - sinceMs) / 60_000);
    const episode =
      told && !toldBefore
        ? await recordEscalated(context, stored, disposition, {
            ...draftNotice(
              'held_too_long',
              stored.value,
              `${playbook.name} has been deferred for ${minutes} min: ${detail}. Jidoka keeps trying.`,
              addressing(playbook, nowMs),
            ),
            subject: subjectOf(stored.value, 'held_too_long', playbook.name),
          })
        : await recordDisposition(context, stored, disposition);
    if (episode !== null) {
      await context.wake(scheduleItem('episode', episode.identity), disposition.untilMs ?? untilMs);
    }
    return episode;
  }

  async function escalate(
    stored: Stored<Episode>,
    decision: Extract<Decision, { kind: 'escalate' }>,
    nowMs: number,
    batch: Batch,
  ): Promise<Episode | null> {
    const { playbook, reason, detail, misses, subject, ownChannel } = decision;
    const name = playbook?.name ?? null;
    const explained = { ...stored, value: { ...stored.value, misses } };
    const to = addressing(playbook, nowMs, ownChannel);
    return recordEscalated(
      context,
      explained,
      { playbook: name, fate: 'escalated', reason, detail, atMs: nowMs },
      {
        ...draftUnmatched(explained.value, reason, detail, name, to),
        subject: subject ?? subjectOf(stored.value, reason, name),
      },
      batch.escalations,
    );
  }

  function addressing(playbook: Playbook | null, nowMs: number, ownChannel?: string) {
    const { escalate } = context.active().policy;
    const channel = playbook?.escalate.channel ?? ownChannel ?? escalate.channel;
    return { id: ledger.newId(), channel, expiresAtMs: null, nowMs };
  }

  return carryOut;
}

/** A decision to hold, with the report by which a person has been told of it already. */
type Holding = Extract<Decision, { kind: 'hold' }> & { readonly escalationId?: string };

import { draftNotice, draftUnmatched, subjectOf } from '../escalation/draft.js';
import type { Episode, Verdict } from '../ledger/episode.js';
import type { Stored } from '../ledger/reads.js';
import type { Playbook } from '../playbook/playbook.js';
import { admitEpisode } from './admit.js';
import type { Batch } from './batch.js';
import type { Ruling } from './decide.js';
import type { EngineParts } from './parts.js';
import { recordEscalated, recordVerdict } from './record.js';

/** Records what one playbook makes of an episode, and begins what follows from it. */
export function createCarryOut(parts: EngineParts) {
  const { ledger } = parts;

  /**
   * @param batch what the decisions that are made together share
   * @returns the episode as it was written; `null`: somebody else changed it meanwhile.
   */
  async function carryOut(
    stored: Stored<Episode>,
    ruling: Ruling,
    nowMs: number,
    batch: Batch,
  ): Promise<Episode | null> {
    switch (ruling.kind) {
      case 'run': {
        const admission = await admitEpisode(parts, stored, ruling, batch.runs);
        if (admission.kind === 'conflict') return null;
        if (admission.kind === 'recorded') return admission.episode;
        const { playbook } = ruling;
        return hold(stored, { kind: 'hold', playbook, ...admission.hold }, nowMs);
      }
      case 'hold':
        return hold(stored, ruling, nowMs);
      case 'escalate':
        return escalate(stored, ruling, nowMs, batch);
      case 'ignore':
      case 'shadow':
        return recordVerdict(parts, stored, {
          playbook: ruling.playbook.name,
          fate: ruling.kind === 'ignore' ? 'ignored' : 'shadow',
          reason: ruling.kind === 'ignore' ? 'ignored' : 'matched',
          detail: ruling.detail,
          atMs: nowMs,
        });
    }
  }

  async function hold(
    stored: Stored<Episode>,
    { playbook, reason, detail, untilMs, escalationId, waitsFor }: Holding,
    nowMs: number,
  ): Promise<Episode | null> {
    const known = stored.value.verdicts.find((verdict) => verdict.playbook === playbook.name);
    const sinceMs = known?.sinceMs ?? nowMs;
    const afterMs = playbook.escalate.afterMs ?? parts.active().policy.escalate.afterMs;
    const toldBefore = known?.told === true;
    const toldAtMs = sinceMs + afterMs;
    const told = toldBefore || (escalationId === undefined && toldAtMs <= nowMs);
    const verdict: Verdict = {
      playbook: playbook.name,
      fate: 'held',
      reason,
      detail,
      atMs: nowMs,
      untilMs: told || toldAtMs <= nowMs ? untilMs : Math.min(untilMs, toldAtMs),
      sinceMs,
      told,
      ...(escalationId === undefined ? {} : { escalationId }),
      setHash: parts.active().hash,
      ...(waitsFor === undefined ? {} : { waitsFor }),
    };
    const minutes = Math.round((nowMs - sinceMs) / 60_000);
    const episode =
      told && !toldBefore
        ? await recordEscalated(parts, stored, verdict, {
            ...draftNotice(
              'held_too_long',
              stored.value,
              `${playbook.name} has been held for ${minutes} min: ${detail}. It is still tried again.`,
              addressing(playbook, nowMs),
            ),
            subject: subjectOf(stored.value, 'held_too_long', playbook.name),
          })
        : await recordVerdict(parts, stored, verdict);
    if (episode !== null) {
      await parts.wake(`episode:${episode.identity}`, verdict.untilMs ?? untilMs);
    }
    return episode;
  }

  async function escalate(
    stored: Stored<Episode>,
    ruling: Extract<Ruling, { kind: 'escalate' }>,
    nowMs: number,
    batch: Batch,
  ): Promise<Episode | null> {
    const { playbook, reason, detail, misses, subject, ownChannel } = ruling;
    const name = playbook?.name ?? null;
    const explained = { ...stored, value: { ...stored.value, misses } };
    const to = addressing(playbook, nowMs, ownChannel);
    return recordEscalated(
      parts,
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
    const { escalate } = parts.active().policy;
    const channel = playbook?.escalate.channel ?? ownChannel ?? escalate.channel;
    return { id: ledger.newId(), channel, expiresAtMs: null, nowMs };
  }

  return carryOut;
}

/** A ruling to hold, with the report by which a person has been told of it already. */
type Holding = Extract<Ruling, { kind: 'hold' }> & { readonly escalationId?: string };

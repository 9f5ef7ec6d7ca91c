import { isCommand } from '../alert/source.js';
import { gatherMs } from '../escalation/claim.js';
import type { Episode, Verdict } from '../ledger/episode.js';
import type { Escalation } from '../ledger/escalation.js';
import type { Stored } from '../ledger/reads.js';
import type { Check, Write } from '../ledger/transaction.js';
import { afterFirst, type Batch } from './batch.js';
import { logEscalation } from './journal.js';
import type { EngineParts } from './parts.js';
import { reportsResolution } from './silence.js';
import { waitFor } from './waiters.js';

/** When an open episode is to be looked at again, as a write to the agenda. */
export function agendaWrite(parts: EngineParts, episode: Episode): Write {
  const { ledger, active, clock } = parts;
  const { policy } = active();
  const { closeAfterMs } = policy.alertmanager;
  const times = episode.verdicts.flatMap(({ untilMs }) => (untilMs === undefined ? [] : [untilMs]));
  if (isCommand(episode.source)) {
    if (times.length === 0) times.push(clock.now() + closeAfterMs);
  } else if (!reportsResolution(episode, policy)) {
    times.push(episode.lastSeenAtMs + closeAfterMs);
  }
  if (episode.moreToDecide) times.push(episode.lastSeenAtMs);
  const item = `episode:${episode.identity}`;
  return times.length === 0
    ? ['ZREM', ledger.keys.agenda, item]
    : ['ZADD', ledger.keys.agenda, Math.min(...times), item];
}

/** The episode with this verdict instead of an earlier one for the same playbook. */
export function withVerdict(episode: Episode, verdict: Verdict): Episode {
  const others = episode.verdicts.filter((known) => known.playbook !== verdict.playbook);
  return { ...episode, verdicts: [...others, verdict] };
}

interface Extra {
  readonly checks: readonly Check[];
  readonly writes: readonly Write[];
}

/** Records a verdict with its audit record; `null`: somebody else changed the episode meanwhile. */
export async function recordVerdict(
  parts: EngineParts,
  stored: Stored<Episode>,
  verdict: Verdict,
  extra: Extra = { checks: [], writes: [] },
): Promise<Episode | null> {
  const { ledger } = parts;
  const episode = withVerdict(stored.value, verdict);
  const save = ledger.saveEpisode(stored, episode);
  const { fate, reason, detail, atMs } = verdict;
  const playbook = verdict.playbook ?? undefined;
  const known = stored.value.verdicts.find((one) => one.playbook === verdict.playbook);
  const isNews = known?.fate !== fate || known.reason !== reason || known.detail !== detail;
  const waiting =
    verdict.waitsFor === undefined
      ? { checks: [], writes: [] }
      : waitFor(parts, `episode:${episode.identity}`, verdict.waitsFor);
  const result = await ledger.commit({
    checks: [save.check, ...extra.checks, ...waiting.checks],
    writes: [
      ...save.writes,
      ...extra.writes,
      ...waiting.writes,
      agendaWrite(parts, episode),
      // a guard that is asked again and says the same is nothing new
      ...(isNews
        ? [
            ledger.audit({
              atMs,
              subject: 'episode',
              id: episode.id,
              event: fate,
              reason,
              detail,
              playbook,
            }),
          ]
        : []),
    ],
    nowMs: atMs,
  });
  if (result.kind !== 'committed') return null;
  parts.metrics.decisions.inc({ fate, reason });
  if (fate === 'held' && known?.reason !== reason) {
    parts.log.info({ alert: episode.id, playbook, reason, untilMs: verdict.untilMs }, 'held');
  }
  return episode;
}

/**
 * Records a verdict together with an escalation: the open one about the same subject, else the draft.
 *
 * @param opened the escalations that are opened in the same batch
 */
export async function recordEscalated(
  parts: EngineParts,
  stored: Stored<Episode>,
  verdict: Verdict,
  draft: SubjectDraft,
  opened: Batch['escalations'] = new Map(),
): Promise<Episode | null> {
  const { keys, redis } = parts.ledger;
  const record = (knownId: string | null) => recordWith(parts, stored, verdict, draft, knownId);
  const { recorded } = await afterFirst<string, RecordedWith>(opened, draft.subject, {
    make: async () => record(await redis.get(keys.subject(draft.subject))),
    join: record,
    outcome: (made) => (made.recorded === null ? null : made.id),
  });
  return recorded;
}

type SubjectDraft = Escalation & { readonly subject: string };

interface RecordedWith {
  /** `null`: somebody else changed the episode, or what was open about its subject, meanwhile. */
  readonly recorded: Episode | null;
  /** Of the escalation. */
  readonly id: string;
}

/** @param knownId the open escalation about the subject; `null`: the draft is opened */
async function recordWith(
  parts: EngineParts,
  stored: Stored<Episode>,
  verdict: Verdict,
  draft: SubjectDraft,
  knownId: string | null,
): Promise<RecordedWith> {
  const { ledger } = parts;
  const subjectKey = ledger.keys.subject(draft.subject);
  const { id, caseId, extra } =
    knownId === null
      ? opening(parts, draft, subjectKey)
      : {
          id: knownId,
          caseId: knownId,
          extra: {
            checks: [{ kind: 'string' as const, key: subjectKey, value: knownId }],
            writes: [joinedMessage(parts, knownId, verdict.atMs)],
          },
        };
  const known = stored.value.cases.includes(caseId);
  const cases = known ? stored.value.cases : [...stored.value.cases, caseId];
  const joining = known ? [] : ledger.joinCase(caseId, stored.value.identity);
  const recorded = await recordVerdict(
    parts,
    { ...stored, value: { ...stored.value, cases } },
    { ...verdict, escalationId: id },
    { ...extra, writes: [...extra.writes, ...joining] },
  );
  if (recorded !== null && knownId === null) {
    logEscalation(parts.log, draft);
    await parts.wake(`message:${id}`, verdict.atMs);
  }
  return { recorded, id };
}

function opening({ ledger }: EngineParts, draft: Escalation, subjectKey: string) {
  const save = ledger.saveEscalation(null, draft, draft.createdAtMs);
  const checks: Check[] = [save.check, { kind: 'absent', key: subjectKey }];
  return { id: draft.id, caseId: draft.caseId, extra: { checks, writes: [...save.writes] } };
}

/** Has the message of a case that an alert joined count it, together with those that join soon after. */
export function joinedMessage({ ledger }: EngineParts, escalationId: string, nowMs: number): Write {
  return ['ZADD', ledger.keys.agenda, 'NX', nowMs + gatherMs, `message:${escalationId}`];
}

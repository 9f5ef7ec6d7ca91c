import { isCommand } from '../../alertmanager/source.js';
import { gatherMs } from '../../escalation/lease.js';
import type { Disposition, Episode } from '../../ledger/episode.js';
import type { Escalation } from '../../ledger/escalation.js';
import type { Stored } from '../../ledger/record-reads.js';
import { scheduleItem } from '../../ledger/schedule-item.js';
import type { Check, Write } from '../../ledger/transaction.js';
import type { EngineContext } from '../context/context.js';
import { logEscalation } from '../context/log-escalation.js';
import { reportsResolution } from '../episode/inactivity.js';
import { afterFirst, type Batch } from '../reading/batch.js';
import { waitFor } from '../schedule/waiters.js';

/** When an open episode is to be looked at again, as a write to the schedule. */
export function scheduleWrite(context: EngineContext, episode: Episode): Write {
  const { ledger, active, clock } = context;
  const { policy } = active();
  const { closeAfterMs } = policy.alertmanager;
  const times = episode.verdicts.flatMap(({ untilMs }) => (untilMs === undefined ? [] : [untilMs]));
  if (isCommand(episode.source)) {
    if (times.length === 0) times.push(clock.now() + closeAfterMs);
  } else if (!reportsResolution(episode, policy)) {
    times.push(episode.lastSeenAtMs + closeAfterMs);
  }
  if (episode.moreToDecide) times.push(episode.lastSeenAtMs);
  const item = scheduleItem('episode', episode.identity);
  return times.length === 0
    ? ['ZREM', ledger.keys.schedule, item]
    : ['ZADD', ledger.keys.schedule, Math.min(...times), item];
}

/** The episode with this disposition instead of an earlier one for the same playbook. */
export function withDisposition(episode: Episode, disposition: Disposition): Episode {
  const others = episode.verdicts.filter((known) => known.playbook !== disposition.playbook);
  return { ...episode, verdicts: [...others, disposition] };
}

interface Extra {
  readonly checks: readonly Check[];
  readonly writes: readonly Write[];
}

/** Records a disposition with its audit record; `null`: another worker changed the episode meanwhile. */
export async function recordDisposition(
  context: EngineContext,
  stored: Stored<Episode>,
  disposition: Disposition,
  extra: Extra = { checks: [], writes: [] },
): Promise<Episode | null> {
  const { ledger } = context;
  const episode = withDisposition(stored.value, disposition);
  const save = ledger.saveEpisode(stored, episode);
  const { fate, reason, detail, atMs } = disposition;
  const playbook = disposition.playbook ?? undefined;
  const known = stored.value.verdicts.find((one) => one.playbook === disposition.playbook);
  const isNews = known?.fate !== fate || known.reason !== reason || known.detail !== detail;
  const waiting =
    disposition.waitsFor === undefined
      ? { checks: [], writes: [] }
      : waitFor(context, scheduleItem('episode', episode.identity), disposition.waitsFor);
  const result = await ledger.commit({
    checks: [save.check, ...extra.checks, ...waiting.checks],
    writes: [
      ...save.writes,
      ...extra.writes,
      ...waiting.writes,
      scheduleWrite(context, episode),
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
  context.metrics.decisions.inc({ fate, reason });
  if (fate === 'held' && known?.reason !== reason) {
    context.log.info(
      { alert: episode.id, playbook, reason, untilMs: disposition.untilMs },
      'decision deferred',
    );
  }
  return episode;
}

/**
 * Records a disposition together with an escalation: the open one about the same subject, else the draft.
 *
 * @param opened the escalations that are opened in the same batch
 */
export async function recordEscalated(
  context: EngineContext,
  stored: Stored<Episode>,
  disposition: Disposition,
  draft: SubjectDraft,
  opened: Batch['escalations'] = new Map(),
): Promise<Episode | null> {
  const { keys, redis } = context.ledger;
  const record = (knownId: string | null) =>
    recordWith(context, stored, disposition, draft, knownId);
  const { recorded } = await afterFirst<string, RecordedWith>(opened, draft.subject, {
    make: async () => record(await redis.get(keys.subject(draft.subject))),
    join: record,
    outcome: (made) => (made.recorded === null ? null : made.id),
  });
  return recorded;
}

type SubjectDraft = Escalation & { readonly subject: string };

interface RecordedWith {
  /** `null`: another worker changed the episode, or what was open about its subject, meanwhile. */
  readonly recorded: Episode | null;
  /** Of the escalation. */
  readonly id: string;
}

/** @param knownId the open escalation about the subject; `null`: the draft is opened */
async function recordWith(
  context: EngineContext,
  stored: Stored<Episode>,
  disposition: Disposition,
  draft: SubjectDraft,
  knownId: string | null,
): Promise<RecordedWith> {
  const { ledger } = context;
  const subjectKey = ledger.keys.subject(draft.subject);
  const { id, caseId, extra } =
    knownId === null
      ? opening(context, draft, subjectKey)
      : {
          id: knownId,
          caseId: knownId,
          extra: {
            checks: [{ kind: 'string' as const, key: subjectKey, value: knownId }],
            writes: [joinedMessage(context, knownId, disposition.atMs)],
          },
        };
  const known = stored.value.cases.includes(caseId);
  const cases = known ? stored.value.cases : [...stored.value.cases, caseId];
  const joining = known ? [] : ledger.joinCase(caseId, stored.value.identity);
  const recorded = await recordDisposition(
    context,
    { ...stored, value: { ...stored.value, cases } },
    { ...disposition, escalationId: id },
    { ...extra, writes: [...extra.writes, ...joining] },
  );
  if (recorded !== null && knownId === null) {
    logEscalation(context.log, draft);
    await context.wake(scheduleItem('message', id), disposition.atMs);
  }
  return { recorded, id };
}

function opening({ ledger }: EngineContext, draft: Escalation, subjectKey: string) {
  const save = ledger.saveEscalation(null, draft, draft.createdAtMs);
  const checks: Check[] = [save.check, { kind: 'absent', key: subjectKey }];
  return { id: draft.id, caseId: draft.caseId, extra: { checks, writes: [...save.writes] } };
}

/** Has the message of a case that an alert joined count it, together with those that join soon after. */
export function joinedMessage(
  { ledger }: EngineContext,
  escalationId: string,
  nowMs: number,
): Write {
  return [
    'ZADD',
    ledger.keys.schedule,
    'NX',
    nowMs + gatherMs,
    scheduleItem('message', escalationId),
  ];
}

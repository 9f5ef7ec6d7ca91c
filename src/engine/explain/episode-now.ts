import type { Alert } from '../../alert/alert.js';
import type { Episode } from '../../ledger/episode.js';
import type { StoredEpisode } from '../../ledger/reads.js';
import { receive } from '../../ledger/receive.js';
import { isForgotten } from '../forgotten.js';
import type { EngineParts } from '../parts.js';
import type { EpisodeNow } from './explanation.js';

/** The episode as a delivery of an alert would leave it, without writing it. */
export interface Delivered {
  readonly episode: Episode;
  readonly delivery: EpisodeNow['delivery'];
}

/** Takes an alert into its episode as intake does, and keeps the outcome to itself. */
export function deliver(
  parts: Pick<EngineParts, 'active'>,
  stored: StoredEpisode | null,
  alert: Alert,
  identity: string,
  nowMs: number,
): Delivered {
  const firing: Alert = { ...alert, status: 'firing', endsAtMs: null };
  const known = { source: 'alertmanager', groupKey: '', externalUrl: '' };
  const delivery = { identity, ...known, receivedAtMs: nowMs, nowMs };
  if (stored !== null && isForgotten(parts, stored.value, [firing], nowMs)) {
    return { episode: receive(null, firing, delivery).episode, delivery: 'forgotten' };
  }
  const { episode, effect } = receive(stored?.value ?? null, firing, delivery);
  return { episode, delivery: effect as EpisodeNow['delivery'] };
}

/** What an episode of the ledger has come to: its verdicts, its runs, whom it was handed to. */
export async function readEpisodeNow(
  { ledger }: EngineParts,
  { value, muted }: StoredEpisode,
  delivery: EpisodeNow['delivery'],
): Promise<EpisodeNow> {
  const cases = await Promise.all(value.cases.map((id) => ledger.caseInfo(id)));
  const runIds = new Set(
    [...cases.map(({ runId }) => runId), ...value.verdicts.map(({ runId }) => runId)].filter(
      (id) => id != null,
    ),
  );
  const escalationIds = new Set(
    [
      ...cases.map(({ escalationId }) => escalationId),
      ...value.verdicts.map(({ escalationId }) => escalationId),
    ].filter((id) => id != null),
  );
  const runs = await Promise.all([...runIds].map((id) => ledger.run(id)));
  const escalations = await Promise.all([...escalationIds].map((id) => ledger.escalation(id)));
  return {
    id: value.id,
    state: value.state,
    delivery,
    openedAtMs: value.openedAtMs,
    lastSeenAtMs: value.lastSeenAtMs,
    closedAtMs: value.closedAtMs,
    deliveries: value.deliveries,
    muted,
    verdicts: value.verdicts,
    runs: runs.flatMap((run) => {
      if (run === null) return [];
      const { id, origin, state, attempts, waiting, outcome } = run.value;
      return [{ id, origin, state, attempts, waiting, outcome }];
    }),
    escalations: escalations.flatMap((escalation) => {
      if (escalation === null) return [];
      const { id, kind, reason, title, state, answer } = escalation.value;
      const answered = answer && { label: answer.label, by: answer.by, atMs: answer.atMs };
      return [{ id, kind, reason, title, state, answer: answered }];
    }),
  };
}

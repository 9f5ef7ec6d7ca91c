import type { Alert } from '../../alertmanager/alert.js';
import type { Source } from '../../alertmanager/source.js';
import type { Episode } from '../../ledger/episode.js';
import type { StoredEpisode } from '../../ledger/record-reads.js';
import type { EngineContext } from '../context/context.js';
import { applyAlert } from '../episode/apply-alert.js';
import { isForgotten } from '../episode/missed-resolution.js';
import type { EpisodeNow } from './explanation.js';
import type { AskedAlert } from './question.js';

/** The episode as a delivery of an alert would leave it, without writing it. */
export interface Delivered {
  readonly episode: Episode;
  readonly delivery: EpisodeNow['delivery'];
}

/** Takes an alert into its episode as intake does, and keeps the outcome to itself. */
export function deliver(
  context: Pick<EngineContext, 'active'>,
  stored: StoredEpisode | null,
  { source, routeLabels, manual, ...alert }: AskedAlert & { readonly source: Source },
  identity: string,
  nowMs: number,
): Delivered {
  const firing: Alert = { ...alert, status: 'firing', endsAtMs: null };
  const known = { source, routeLabels, manual, groupKey: '', externalUrl: '' };
  const delivery = { identity, ...known, receivedAtMs: nowMs, nowMs };
  if (stored !== null && isForgotten(context, stored.value, [firing], nowMs)) {
    return { episode: applyAlert(null, firing, delivery).episode, delivery: 'forgotten' };
  }
  const { episode, effect } = applyAlert(stored?.value ?? null, firing, delivery);
  return { episode, delivery: effect as EpisodeNow['delivery'] };
}

/** What an episode of the ledger has come to: its verdicts, its runs, whom it was handed to. */
export async function readEpisodeNow(
  { ledger }: EngineContext,
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

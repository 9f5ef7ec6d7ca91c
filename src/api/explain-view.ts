import type { EpisodeNow, Explanation, Forecast, RunNow } from '../engine/explain/explanation.js';
import { describeChange, describeOperation } from '../integrations/operations.js';
import { type Reason, reasons } from '../ledger/reason.js';
import type { ShownExplanation } from './explain-schema.js';

/** An explanation as the API and the command line show it: every reason in words, too. */
export function explanationView(explanation: Explanation): ShownExplanation {
  const { labels, annotations, status, source, live, total } = explanation;
  return {
    labels,
    annotations,
    status,
    source,
    at_ms: explanation.atMs,
    set_hash: explanation.setHash,
    live,
    own: explanation.own && { fate: explanation.own.fate, ...why(explanation.own) },
    forecasts: explanation.forecasts.map(forecastView),
    playbooks: explanation.playbooks,
    total,
    episode: explanation.episode && episodeView(explanation.episode),
  };
}

function forecastView(forecast: Forecast): ShownExplanation['forecasts'][number] {
  const { playbook, shadow, fate, steps } = forecast;
  return {
    playbook,
    shadow,
    fate,
    ...why(forecast),
    again_at_ms: forecast.againAtMs,
    run_id: forecast.runId,
    held_by: forecast.heldBy.map((one) => ({ ...why(one), lifts_at_ms: one.liftsAtMs })),
    steps: steps.map(({ operations, ...step }) => ({
      ...step,
      operations: operations.map((op) => ({
        ...op,
        text: describeOperation(op, step.target ?? ''),
      })),
    })),
  };
}

function episodeView(episode: EpisodeNow): NonNullable<ShownExplanation['episode']> {
  const { id, state, delivery, deliveries, muted } = episode;
  return {
    id,
    state,
    delivery,
    opened_at_ms: episode.openedAtMs,
    last_seen_at_ms: episode.lastSeenAtMs,
    closed_at_ms: episode.closedAtMs,
    deliveries,
    muted,
    verdicts: episode.verdicts.map((disposition) => ({
      playbook: disposition.playbook,
      fate: disposition.fate,
      ...why(disposition),
      at_ms: disposition.atMs,
      until_ms: disposition.untilMs ?? null,
      run_id: disposition.runId ?? null,
      escalation_id: disposition.escalationId ?? null,
    })),
    runs: episode.runs.map(runView),
    escalations: episode.escalations.map(({ reason, title, answer, ...rest }) => ({
      ...rest,
      ...why({ reason, detail: title }),
      answer: answer && { label: answer.label, by: answer.by, at_ms: answer.atMs },
    })),
  };
}

function runView({ id, origin, state, attempts, waiting, outcome }: RunNow) {
  return {
    id,
    by: origin.kind === 'playbook' ? origin.playbook : origin.by,
    state,
    changes: attempts.map(({ change, appliedAtMs, plannedAtMs }) => ({
      target: change.target.name,
      op: change.op,
      text: describeChange(change),
      at_ms: appliedAtMs ?? plannedAtMs,
    })),
    waiting: waiting && why(waiting),
    outcome: outcome && { kind: outcome.kind, ...why(outcome) },
  };
}

function why({ reason, detail }: { readonly reason: Reason; readonly detail: string }) {
  return { reason, reason_text: reasons[reason], detail };
}

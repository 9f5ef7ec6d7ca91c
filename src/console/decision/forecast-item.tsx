import type { Forecast } from '../../engine/explain/explanation.js';
import { describeOperations } from '../../escalation/describe.js';
import { reasons } from '../../ledger/reason.js';
import { Badge } from '../components/badge.js';
import { Until } from '../components/time.js';
import type { PlaybookStatus } from '../run-words.js';

const fates: Readonly<Record<Forecast['fate'], PlaybookStatus>> = {
  run: { tone: 'good', word: 'Would start a run' },
  ask: { tone: 'warn', word: 'Would ask for approval' },
  join: { tone: 'busy', word: 'Would join a run' },
  held: { tone: 'warn', word: 'Would be deferred' },
  escalated: { tone: 'warn', word: 'Would escalate' },
  ignored: { tone: 'calm', word: 'Would ignore' },
  decided: { tone: 'calm', word: 'Already decided' },
  unknown: { tone: 'calm', word: 'Unknown' },
};

/** What one playbook would do, step by step, and what is in its way. */
export function ForecastItem({
  forecast,
  nowMs,
}: {
  readonly forecast: Forecast;
  readonly nowMs: number;
}) {
  const { playbook, shadow, fate, reason, detail, heldBy, steps, runId } = forecast;
  return (
    <>
      <div class="row">
        <Badge tone={fates[fate].tone}>{fates[fate].word}</Badge>
        <b>{playbook ?? 'No playbook'}</b>
        {shadow && <span class="soft">if it were not in shadow</span>}
      </div>
      <p>
        {reasons[reason]}
        {detail !== '' && `: ${detail}`}
      </p>
      {steps.map(({ action, target, operations, detail: why }) => (
        <p>
          {action}
          {target !== null && operations.length > 0
            ? `: ${describeOperations(operations, target)}`
            : target !== null && ` ${target}`}
          {why !== '' && <span class="soft"> ({why})</span>}
        </p>
      ))}
      {heldBy.map((one) => (
        <p class="notice">
          Deferred by: {one.detail}
          {one.liftsAtMs !== null && one.liftsAtMs > nowMs && (
            <>
              , lifts <Until ms={one.liftsAtMs} nowMs={nowMs} />
            </>
          )}
        </p>
      ))}
      {runId !== null && <a href={`/runs/${runId}`}>Run</a>}
    </>
  );
}

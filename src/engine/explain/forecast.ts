import type { Hold } from '../../guard/guard.js';
import type { Target } from '../../integrations/contract/change.js';
import type { Episode } from '../../ledger/episode.js';
import { joinHash, locksOf } from '../../ledger/run.js';
import type { EngineContext } from '../context/context.js';
import type { Decision } from '../decision/decide.js';
import type { Resolution } from '../reading/resolve.js';
import { existingRun, firstDirection, newRun } from '../run/new-run.js';
import { guardsOf } from '../run/run-guards.js';
import type { Forecast } from './explanation.js';
import { obstaclesOf } from './held-by.js';

type RunRuling = Extract<Decision, { kind: 'run' }>;

/**
 * What would come of decisions if they were carried out now, in this order. Asks the same guards as
 * admission does, with the same claims, and takes nothing.
 *
 * @throws what Redis throws: a guard that could not be asked is not one that lets through.
 */
export function createForecaster(context: EngineContext, episode: Episode, nowMs: number) {
  /** The targets that runs of this very forecast would lock. */
  const taken = new Map<string, string>();

  return async function forecast(
    decision: Decision,
    resolution: Resolution | undefined,
    shadow = false,
  ): Promise<Forecast> {
    const about = {
      playbook: decision.playbook?.name ?? null,
      shadow,
      againAtMs: null,
      runId: null,
      heldBy: [],
      steps: stepsOf(resolution),
    };
    switch (decision.kind) {
      case 'run':
        return { ...about, ...(await admission(decision, shadow)) };
      case 'hold': {
        const { reason, detail, untilMs } = decision;
        return { ...about, fate: 'held', reason, detail, againAtMs: untilMs };
      }
      case 'escalate':
        return { ...about, fate: 'escalated', reason: decision.reason, detail: decision.detail };
      case 'ignore':
      case 'shadow':
        return { ...about, fate: 'ignored', reason: 'ignored', detail: decision.detail };
    }
  };

  async function admission(
    decision: RunRuling,
    shadow: boolean,
  ): Promise<Pick<Forecast, 'fate' | 'reason' | 'detail' | 'againAtMs' | 'runId' | 'heldBy'>> {
    const reason = decision.ask ?? 'matched';
    const detail = decision.plan.kind === 'change' ? '' : decision.plan.detail;
    const hash = joinHash(decision.playbook.name, decision.steps);
    const existing = await existingRun(context, episode, decision, hash);
    if (existing.kind === 'joinable') {
      const { id } = existing.run;
      return { fate: 'join', reason, detail, againAtMs: null, runId: id, heldBy: [] };
    }

    const run = newRun(context, episode, decision, nowMs);
    // what a person is asked about takes its guards when it is approved
    const asked = decision.ask !== null;
    const guards = asked
      ? guardsOf(context, { ...run, escalationId: run.id }, null, nowMs)
      : guardsOf(context, run, firstDirection(decision), nowMs);
    const refusals = await context.ledger.probe(
      guards.map(({ claim }) => claim),
      nowMs,
    );
    const { heldBy, hold } = obstaclesOf(guards, refusals);
    // admission asks nothing else while such a run is at work
    if (existing.kind === 'busy') return held(existing.hold, heldBy);
    if (asked) return { fate: 'ask', reason, detail, againAtMs: null, runId: null, heldBy };
    if (hold !== null) return held(hold, heldBy);
    const busy = locksOf(run).find(({ id }) => taken.has(id));
    if (busy !== undefined) return held(behind(busy), [inTheWay(behind(busy))]);
    if (!shadow) for (const { id } of locksOf(run)) taken.set(id, decision.playbook.name);
    return { fate: 'run', reason, detail, againAtMs: null, runId: null, heldBy: [] };
  }

  /** An earlier playbook of the same alert would be at work on the target by then. */
  function behind({ id, name }: Target): Hold {
    const detail = `the run of ${taken.get(id)} would hold ${name}`;
    return { reason: 'target_busy', detail, untilMs: nowMs };
  }
}

function held({ reason, detail, untilMs }: Hold, heldBy: Forecast['heldBy']) {
  return { fate: 'held', reason, detail, againAtMs: untilMs, runId: null, heldBy } as const;
}

function inTheWay({ reason, detail }: Hold) {
  return { reason, detail, liftsAtMs: null };
}

function stepsOf(resolution: Resolution | undefined): Forecast['steps'] {
  if (resolution?.kind !== 'resolved') return [];
  return resolution.steps.map(({ action, params, target }, index) => {
    const {
      unit = '',
      from = null,
      operations = [],
      followedBy,
      detail = '',
    } = resolution.preview[index] ?? {};
    const said = [followedBy && `then ${followedBy}`, detail].filter(Boolean).join('; ');
    return { action, params, target: target.name, unit, from, operations, detail: said };
  });
}

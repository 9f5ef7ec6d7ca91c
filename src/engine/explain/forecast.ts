import type { Hold } from '../../guard/guard.js';
import type { Episode } from '../../ledger/episode.js';
import { joinHash, targetsOf } from '../../ledger/run.js';
import type { Target } from '../../target/change.js';
import type { Ruling } from '../decide.js';
import { existingRun, firstDirection, newRun } from '../new-run.js';
import type { EngineParts } from '../parts.js';
import type { Resolution } from '../resolve.js';
import { guardsOf } from '../run-guards.js';
import type { Forecast } from './explanation.js';
import { obstaclesOf } from './held-by.js';

type RunRuling = Extract<Ruling, { kind: 'run' }>;

/**
 * What would come of rulings if they were carried out now, in this order. Asks the same guards as
 * admission does, with the same claims, and takes nothing.
 *
 * @throws what Redis throws: a guard that could not be asked is not one that lets through.
 */
export function createForecaster(parts: EngineParts, episode: Episode, nowMs: number) {
  /** The targets that runs of this very forecast would lock. */
  const taken = new Map<string, string>();

  return async function forecast(
    ruling: Ruling,
    resolution: Resolution | undefined,
    shadow = false,
  ): Promise<Forecast> {
    const about = {
      playbook: ruling.playbook?.name ?? null,
      shadow,
      againAtMs: null,
      runId: null,
      heldBy: [],
      steps: stepsOf(resolution),
    };
    switch (ruling.kind) {
      case 'run':
        return { ...about, ...(await admission(ruling, shadow)) };
      case 'hold': {
        const { reason, detail, untilMs } = ruling;
        return { ...about, fate: 'held', reason, detail, againAtMs: untilMs };
      }
      case 'escalate':
        return { ...about, fate: 'escalated', reason: ruling.reason, detail: ruling.detail };
      case 'ignore':
      case 'shadow':
        return { ...about, fate: 'ignored', reason: 'ignored', detail: ruling.detail };
    }
  };

  async function admission(
    ruling: RunRuling,
    shadow: boolean,
  ): Promise<Pick<Forecast, 'fate' | 'reason' | 'detail' | 'againAtMs' | 'runId' | 'heldBy'>> {
    const reason = ruling.ask ?? 'matched';
    const detail = ruling.plan.kind === 'change' ? '' : ruling.plan.detail;
    const hash = joinHash(ruling.playbook.name, ruling.steps);
    const existing = await existingRun(parts, episode, ruling, hash);
    if (existing.kind === 'joinable') {
      const { id } = existing.run;
      return { fate: 'join', reason, detail, againAtMs: null, runId: id, heldBy: [] };
    }

    const run = newRun(parts, episode, ruling, nowMs);
    // what a person is asked about takes its guards when it is approved
    const asked = ruling.ask !== null;
    const guards = asked
      ? guardsOf(parts, { ...run, escalationId: run.id }, null, nowMs)
      : guardsOf(parts, run, firstDirection(ruling), nowMs);
    const refusals = await parts.ledger.probe(
      guards.map(({ claim }) => claim),
      nowMs,
    );
    const { heldBy, hold } = obstaclesOf(guards, refusals);
    // admission asks nothing else while such a run is at work
    if (existing.kind === 'busy') return held(existing.hold, heldBy);
    if (asked) return { fate: 'ask', reason, detail, againAtMs: null, runId: null, heldBy };
    if (hold !== null) return held(hold, heldBy);
    const busy = targetsOf(run).find(({ id }) => taken.has(id));
    if (busy !== undefined) return held(behind(busy), [inTheWay(behind(busy))]);
    if (!shadow) for (const { id } of targetsOf(run)) taken.set(id, ruling.playbook.name);
    return { fate: 'run', reason, detail, againAtMs: null, runId: null, heldBy: [] };
  }

  /** An earlier playbook of the same alert would be at work on the target by then. */
  function behind({ id, name }: Target): Hold {
    const detail = `the run of ${taken.get(id)} would work on ${name}`;
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
      to = [],
      followedBy,
      does,
      detail = '',
    } = resolution.outlook[index] ?? {};
    const said = [followedBy && `then ${followedBy}`, detail].filter(Boolean).join('; ');
    const words = does === undefined ? {} : { does };
    return { action, params, target: target.name, unit, ...words, from, to, detail: said };
  });
}

import { type Allowance, readAllowances } from '../../guard/allowances.js';
import type { Breaker } from '../../guard/breaker.js';
import type { Pause } from '../../guard/pause.js';
import type { Pauses } from '../../guard/pauses.js';
import { openWindows } from '../../guard/window.js';
import type { Target } from '../../integrations/contract/change.js';
import type { Ledger } from '../../ledger/ledger.js';
import { type PlaybookStats, readPlaybookStats } from '../../ledger/playbook-stats-reads.js';
import { type Run, targetsOf } from '../../ledger/run.js';
import type { Clock } from '../../lib/clock.js';
import type { Playbook } from '../../playbook/playbook.js';
import type { ActivePlaybooks } from '../context/context.js';

/** The status of a playbook: what came of it, and what its guards say now. */
export interface PlaybookStatus {
  readonly playbook: Playbook;
  readonly evidence: PlaybookStats;
  /** The pauses that hold it: its own, and that of everything. */
  readonly pauses: readonly Pause[];
  /** `null`: its breaker is closed. */
  readonly breaker: Breaker | null;
  /** Runs in a row that did not help; the breaker opens with `breakerAt`. */
  readonly failures: number;
  readonly breakerAt: number;
  /** The windows of the policy in which it does nothing now. */
  readonly windows: readonly string[];
  /** What is left of the limits of the policy on each playbook and on the whole fleet. */
  readonly allowances: readonly Allowance[];
}

/** What a playbook may do to one of its targets now. */
export interface TargetStanding {
  readonly target: Target;
  /** When its cooldown is over; `null`: it is. */
  readonly restsUntilMs: number | null;
  readonly allowances: readonly Allowance[];
}

interface StatusContext {
  readonly ledger: Ledger;
  readonly active: () => Pick<ActivePlaybooks, 'policy'>;
  readonly pauses: Pauses;
  readonly clock: Clock;
}

const shownRuns = 20;
/** The most targets that are shown of a playbook. */
const maxTargets = 10;

/** Reads how playbooks stand, for people. Every method throws what Redis throws. */
export type PlaybookStatuses = ReturnType<typeof createPlaybookStatuses>;

export function createPlaybookStatuses({ ledger, active, pauses, clock }: StatusContext) {
  const { keys, redis } = ledger;

  /** How these playbooks stand, with the evidence of so many days; a few round trips however many they are. */
  async function of(
    playbooks: readonly Playbook[],
    days: number,
  ): Promise<readonly PlaybookStatus[]> {
    if (playbooks.length === 0) return [];
    const nowMs = clock.now();
    const { limits, windows, breaker } = active().policy;
    const names = playbooks.map(({ name }) => name);
    const scopes = [
      { scope: { id: 'fleet', name: 'the whole fleet' }, limits: limits.fleet },
      ...names.map((name) => ({
        scope: { id: `playbook:${name}`, name },
        limits: limits.playbook,
      })),
    ];
    const [evidence, [fleet = [], ...own], paused, breakers, failures] = await Promise.all([
      readPlaybookStats(ledger, names, { days, nowMs }),
      readAllowances(ledger, scopes, nowMs),
      pauses.list(),
      redis.hmget(keys.breakers, ...names),
      redis.hmget(keys.failures, ...names),
    ]);
    return playbooks.map((playbook, index) => ({
      playbook,
      evidence: evidence[index] as PlaybookStats,
      pauses: paused.filter((pause) => holds(pause, playbook.name)),
      breaker: breakers[index] == null ? null : (JSON.parse(breakers[index]) as Breaker),
      failures: Number(failures[index] ?? 0),
      breakerAt: breaker.failures,
      windows: openWindows(windows, playbook.name, nowMs).map(({ explain }) => {
        return explain({ claim: 0, untilMs: null, detail: '' }).detail;
      }),
      allowances: [...(own[index] ?? []), ...fleet],
    }));
  }

  /** The latest runs of a playbook, newest first. */
  async function latestRuns(playbook: string): Promise<readonly Run[]> {
    const ids = await redis.zrevrange(keys.runsOf(playbook), 0, shownRuns - 1);
    return [...(await ledger.runs(ids)).values()];
  }

  /** What a playbook may do now to the targets that these runs of it worked on. */
  async function onTargets(
    { name, guards }: Playbook,
    runs: readonly Run[],
  ): Promise<readonly TargetStanding[]> {
    const byId = new Map(runs.flatMap(targetsOf).map((target) => [target.id, target]));
    const targets = [...byId.values()].slice(0, maxTargets);
    if (targets.length === 0) return [];
    const nowMs = clock.now();
    const { limits } = active().policy;
    const scopes = targets.flatMap(({ id, name: target }) => [
      { scope: { id: `${name}/${id}`, name: `${name} on ${target}` }, limits: guards.limits },
      { scope: { id: `target:${id}`, name: target }, limits: limits.target },
    ]);
    const [allowances, changed] = await Promise.all([
      readAllowances(ledger, scopes, nowMs),
      redis.mget(targets.map(({ id }) => keys.changed(id))),
    ]);
    return targets.map((target, index) => {
      const restsUntilMs = Number(changed[index] ?? 0) + guards.cooldownMs;
      return {
        target,
        restsUntilMs: guards.cooldownMs > 0 && restsUntilMs > nowMs ? restsUntilMs : null,
        allowances: [...(allowances[2 * index] ?? []), ...(allowances[2 * index + 1] ?? [])],
      };
    });
  }

  return { of, latestRuns, onTargets };
}

function holds(pause: Pause, playbook: string): boolean {
  return pause.of === 'everything' || (pause.of === 'playbook' && pause.name === playbook);
}

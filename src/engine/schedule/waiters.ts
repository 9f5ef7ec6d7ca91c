import type { Target } from '../../integrations/contract/change.js';
import type { Busy, Episode } from '../../ledger/episode.js';
import { isScheduleItem, type ScheduleItem } from '../../ledger/schedule-item.js';
import type { Check, Write } from '../../ledger/transaction.js';
import type { EngineContext } from '../context/context.js';

const keptMs = 24 * 3_600_000;

/**
 * Has an item of the schedule looked at as soon as a busy target is free. The check fails where it is
 * free already.
 */
export function waitFor(
  { ledger: { keys } }: EngineContext,
  item: ScheduleItem,
  { target, runId }: Busy,
): { readonly checks: readonly Check[]; readonly writes: readonly Write[] } {
  const key = keys.waiters(target.id);
  return {
    checks: [{ kind: 'string', key: keys.lock(target.id), value: runId }],
    writes: [
      ['SADD', key, item],
      ['PEXPIRE', key, keptMs],
    ],
  };
}

/**
 * Has what waits for these targets looked at now. It is only the quick way: what a crash cuts off
 * here looks again by itself later.
 */
export async function wakeWaiters(
  { ledger, clock, wake }: EngineContext,
  targets: readonly Target[],
): Promise<void> {
  for (const { id } of targets) {
    const key = ledger.keys.waiters(id);
    const items = await ledger.redis.spop(key, maxWoken);
    for (const item of items.filter(isScheduleItem)) await wake(item, clock.now());
  }
}

/** Those that a storm leaves over look again by themselves. */
const maxWoken = 1_000;

/**
 * The playbooks whose hold on the episode still waits for the very run that it waited for before.
 * What another set of playbooks held may be about another target now.
 */
export async function stillBusy(
  { ledger: { redis, keys }, active }: EngineContext,
  { verdicts }: Episode,
): Promise<ReadonlyMap<string, Busy>> {
  const { hash } = active();
  const waiting = verdicts.flatMap(({ playbook, fate, waitsFor, setHash }) =>
    fate === 'held' && playbook !== null && waitsFor !== undefined && setHash === hash
      ? [{ playbook, waitsFor }]
      : [],
  );
  if (waiting.length === 0) return new Map();
  const ownerSettings = await redis.mget(
    waiting.map(({ waitsFor }) => keys.lock(waitsFor.target.id)),
  );
  const busy = waiting.filter(({ waitsFor }, index) => ownerSettings[index] === waitsFor.runId);
  return new Map(busy.map(({ playbook, waitsFor }) => [playbook, waitsFor]));
}

/** Whether all targets are free; if not, `item` is looked at when the first that is busy is. */
export async function areFree(
  { ledger: { redis, keys } }: EngineContext,
  targets: readonly Target[],
  item: ScheduleItem,
): Promise<boolean> {
  const ownerSettings = await redis.mget(targets.map(({ id }) => keys.lock(id)));
  const busy = targets[ownerSettings.findIndex((owner) => owner !== null)];
  if (busy === undefined) return true;
  await redis.sadd(keys.waiters(busy.id), item);
  return false;
}

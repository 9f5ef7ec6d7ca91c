import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import { describeMiss } from '../../escalation/describe.js';
import type { alertSchema } from '../../receiver/schema.js';
import type { EngineClient } from '../engine-client.js';
import { describeTime } from '../shown.js';

/** An alert as the API shows it. */
export type ShownAlert = z.output<typeof alertSchema>;

const pollEveryMs = 300;

/** The open alert that has a fingerprint among its members; `undefined`: there is none. */
export async function findAlert(
  engine: EngineClient,
  fingerprint: string,
): Promise<ShownAlert | undefined> {
  const open = await engine.readAll<ShownAlert>('alerts', { state: 'open' });
  return open.find(({ members }) => Object.hasOwn(members, fingerprint));
}

/**
 * Asks until `look` finds what is waited for.
 *
 * @throws an Error with `late` when `withinMs` pass, and what `look` throws.
 */
export async function waitFor<T>(options: {
  readonly look: () => Promise<T | undefined>;
  readonly withinMs: number;
  readonly late: string;
}): Promise<T> {
  const giveUpAtMs = Date.now() + options.withinMs;
  for (;;) {
    const found = await options.look();
    if (found !== undefined) return found;
    if (Date.now() > giveUpAtMs) throw new Error(options.late);
    await sleep(pollEveryMs);
  }
}

/** Whether the engine has decided about an alert; playbooks in shadow only show. */
export function hasFate({ verdicts }: ShownAlert): boolean {
  return verdicts.some(({ fate }) => fate !== 'shadow');
}

const fates: Readonly<Record<ShownAlert['verdicts'][number]['fate'], string>> = {
  run: 'acted on',
  held: 'held back',
  escalated: 'handed to a person',
  ignored: 'ignored',
  shadow: 'only shown (shadow)',
};

const mostMisses = 3;

/** What became of an alert, a line for each playbook, and by what others missed it. */
export function describeFate({ verdicts, misses }: ShownAlert, nowMs: number): readonly string[] {
  const lines = verdicts.flatMap((verdict) => {
    const by = verdict.playbook === null ? '' : ` by ${verdict.playbook}`;
    const until =
      verdict.untilMs === undefined ? '' : `, until ${describeTime(verdict.untilMs, nowMs)}`;
    const detail = verdict.detail === '' ? [] : [`  ${verdict.detail.replace(/\s+/g, ' ')}`];
    const links = [
      ...(verdict.runId === undefined ? [] : [`  run ${verdict.runId}`]),
      ...(verdict.escalationId === undefined ? [] : [`  escalation ${verdict.escalationId}`]),
    ];
    const fate = `${fates[verdict.fate] ?? verdict.fate}${by}: ${verdict.reasonText} (${verdict.reason})${until}`;
    return [fate, ...detail, ...links];
  });
  const missed = verdicts.some(({ reason }) => reason === 'no_match') ? misses : [];
  return [...lines, ...missed.slice(0, mostMisses).map((miss) => `  ${describeMiss(miss)}`)];
}

import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import type { alertSchema } from '../../api/schema.js';
import { describeMiss } from '../../escalation/describe.js';
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
  run: 'remediating',
  held: 'deferred',
  escalated: 'escalated',
  ignored: 'ignored',
  shadow: 'shadow only',
};

const maxMisses = 3;

/** What became of an alert, a line for each playbook, and by what others missed it. */
export function describeFate({ verdicts, misses }: ShownAlert, nowMs: number): readonly string[] {
  const lines = verdicts.flatMap((disposition) => {
    const by = disposition.playbook === null ? '' : ` by ${disposition.playbook}`;
    const until =
      disposition.untilMs === undefined
        ? ''
        : `, until ${describeTime(disposition.untilMs, nowMs)}`;
    const told = disposition.detail.replace(/\s+/g, ' ');
    // the engine's own detail of a run is its id, which is a link below
    const detail = told === '' || told === `run ${disposition.runId}` ? [] : [`  ${told}`];
    const links = [
      ...(disposition.runId === undefined ? [] : [`  run ${disposition.runId}`]),
      ...(disposition.escalationId === undefined
        ? []
        : [`  escalation ${disposition.escalationId}`]),
    ];
    const fate = `${fates[disposition.fate] ?? disposition.fate}${by}: ${disposition.reasonText} (${disposition.reason})${until}`;
    return [fate, ...detail, ...links];
  });
  const missed = verdicts.some(({ reason }) => reason === 'no_match') ? misses : [];
  return [...lines, ...missed.slice(0, maxMisses).map((miss) => `  ${describeMiss(miss)}`)];
}

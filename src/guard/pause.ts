import type { Change, Target } from '../integrations/contract/change.js';
import { isResize } from '../integrations/contract/operation.js';
import type { Keys } from '../ledger/keys.js';
import type { Guard } from './guard.js';

export type Direction = 'up' | 'down';

/** What a pause halts. */
export type PauseScope =
  | { readonly of: 'everything' }
  | { readonly of: 'playbook' | 'target'; readonly name: string }
  | { readonly of: 'direction'; readonly name: Direction };

/** A person's halt. */
export type Pause = PauseScope & {
  readonly by: string;
  readonly why: string;
  readonly sinceMs: number;
  /** `null`: until someone lifts it. */
  readonly untilMs: number | null;
};

/** What a run is about to do, as far as it is known. */
interface About {
  /** `null`: a person's own action. */
  readonly playbook: string | null;
  readonly targets: readonly Target[];
  readonly direction: Direction | null;
}

/** How soon anyone who is paused asks again: a person may lift a pause at any time. */
const askAgainMs = 30_000;

/** A halt that a person set. It holds what people start as well. */
export function pause(keys: Keys, { playbook, targets, direction }: About, nowMs: number): Guard {
  const scopes: PauseScope[] = [
    { of: 'everything' },
    ...(playbook === null ? [] : [{ of: 'playbook' as const, name: playbook }]),
    // people know a target by its name, and programs by its id
    ...targets.flatMap(({ id, name }) =>
      [id, name].map((either) => ({ of: 'target' as const, name: either })),
    ),
    ...(direction === null ? [] : [{ of: 'direction' as const, name: direction }]),
  ];
  return {
    claim: { kind: 'unpaused', key: keys.pauses, fields: scopes.map(pauseField) },
    explain: ({ untilMs, detail }) => ({
      reason: 'paused',
      detail: describePause(JSON.parse(detail) as Pause),
      untilMs: Math.min(untilMs ?? Number.POSITIVE_INFINITY, nowMs + askAgainMs),
    }),
  };
}

/** Where a pause is kept: one for each thing that it can halt. */
export function pauseField(scope: PauseScope): string {
  return scope.of === 'everything' ? scope.of : `${scope.of}:${scope.name}`;
}

/** `the playbook scale-up is paused by ada until 2026-01-31T10:00:00.000Z: release of the shop` */
function describePause(paused: Pause): string {
  const { by, why, untilMs } = paused;
  const until =
    untilMs === null ? 'until it is lifted' : `until ${new Date(untilMs).toISOString()}`;
  return `${describeScope(paused)} is paused by ${by} ${until}: ${why}`;
}

function describeScope(scope: PauseScope): string {
  switch (scope.of) {
    case 'everything':
      return 'everything';
    case 'direction':
      return `scaling ${scope.name}`;
    case 'playbook':
    case 'target':
      return `the ${scope.of} ${scope.name}`;
  }
}

/** Which way a change of a size goes; `null` for changes of anything else. */
export function directionOf({ op }: Pick<Change, 'op'>): Direction | null {
  if (!isResize(op) || op.from === op.to) return null;
  return op.to > op.from ? 'up' : 'down';
}

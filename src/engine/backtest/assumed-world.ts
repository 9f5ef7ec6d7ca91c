import type { World } from '../rehearse/world.js';

/** What is assumed of targets, of which a record says nothing. */
export interface Assumptions {
  /** How many replicas a service has, or instances a group, before anything changes it. */
  readonly size: number;
  /** What a service's labels, and a group itself, allow; `null`: services give no bounds. */
  readonly bounds: { readonly min: number; readonly max: number } | null;
  /** How long a change takes. */
  readonly convergeMs: number;
}

/** A world in which every target that is named exists, and does what it is asked for. */
export function assumedWorld({ size, bounds, convergeMs }: Assumptions): World {
  const reaction = { kind: 'converge', afterMs: convergeMs } as const;
  const labels: Readonly<Record<string, string>> =
    bounds === null
      ? {}
      : { 'com.df.scaleMin': String(bounds.min), 'com.df.scaleMax': String(bounds.max) };
  return {
    service: () => ({
      replicas: size,
      labels,
      mode: 'replicated',
      updateState: undefined,
      reaction,
    }),
    group: () => ({
      desired: size,
      min: bounds?.min ?? 0,
      max: bounds?.max ?? Number.MAX_SAFE_INTEGER,
      suspended: [],
      reaction,
    }),
    reply: () => 'accepts',
    fleetSize: () => null,
  };
}

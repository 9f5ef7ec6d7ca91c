import { setFlagsFromString } from 'node:v8';

/** V8's own factor (`semi_space_growth_factor` in its src/flags/flag-definitions.h). */
const usualFactor = 2;

/**
 * Keeps the part of V8's heaps in which objects are born as small as it begins, in all threads. Loading modules
 * makes it 32 MiB a thread, of which an engine that waits for alerts needs hardly one.
 */
export function keepHeapsSmall(): void {
  setGrowth(1);
}

/** Lets heaps grow again, as they do under load. */
export function letHeapsGrow(): void {
  setGrowth(usualFactor);
}

function setGrowth(factor: number): void {
  setFlagsFromString(`--semi-space-growth-factor=${factor}`);
}

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** V8's own factor (`semi_space_growth_factor` in its src/flags/flag-definitions.h). */
const defaultFactor = 2;

/**
 * Keeps the part of V8's heaps in which objects are born as small as it begins, in all threads. Loading modules
 * makes it 32 MiB a thread, of which an engine that waits for alerts needs hardly one.
 */
export function keepHeapsSmall(): void {
  setGrowth(1);
}

/**
 * Gives back what a start has left in the heap of this thread. V8 would wait until it needs the room, which an
 * engine that waits for alerts never does. It takes some 50 ms.
 */
export function clearHeap(): void {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  setFlagsFromString('--no-expose-gc');
  collect();
}

/** Lets heaps grow again, as they do under load. */
export function letHeapsGrow(): void {
  setGrowth(defaultFactor);
}

function setGrowth(factor: number): void {
  setFlagsFromString(`--semi-space-growth-factor=${factor}`);
}

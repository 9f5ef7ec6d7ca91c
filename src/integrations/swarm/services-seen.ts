import type { InspectedService } from './answer.js';

/** How long what was read of a service is kept: from a look at it to the change that follows. */
const keptMs = 5_000;
const maxKept = 200;

/** What was read of services a moment ago, so that a change need not read them once more. */
export function createServicesSeen() {
  const seen = new Map<string, { readonly service: InspectedService; readonly atMs: number }>();

  function note(service: InspectedService): void {
    // what was read last stands last
    seen.delete(service.id);
    seen.set(service.id, { service, atMs: performance.now() });
    for (const [id, { atMs }] of seen) {
      if (seen.size <= maxKept && atMs + keptMs > performance.now()) break;
      seen.delete(id);
    }
  }

  /** The service at this version, where that was read a moment ago. It may have changed since. */
  function at(id: string, version: string): InspectedService | undefined {
    const known = seen.get(id);
    if (known === undefined || known.atMs + keptMs <= performance.now()) return undefined;
    return String(known.service.version) === version ? known.service : undefined;
  }

  return { note, at };
}

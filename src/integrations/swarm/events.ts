import type Docker from 'dockerode';
import type { SwarmConnection } from './connection.js';

/** What the engine says of its services while a client listens. */
export interface ServiceEvents {
  /** Settles when no more will come: the connection ended, or was ended. */
  readonly ended: Promise<void>;
}

/** The longest line that is an event; whatever is longer is none of ours. */
const longestLine = 64 * 1024;

/**
 * Listens to the engine's events about services, until the signal ends it. What happened before is
 * not told: a caller that wants all reads the services once this has settled.
 *
 * @param onChange called with the id of each service that was made, changed or removed
 * @throws TargetError when the engine does not let it listen.
 */
export async function listenToServices(
  { call }: SwarmConnection,
  onChange: (serviceId: string) => void,
  signal: AbortSignal,
): Promise<ServiceEvents> {
  const filters = { type: ['service'] };
  const stream = await call('listening to events', 'read', (docker, abortSignal) =>
    // The filters are missing in its types.
    docker.getEvents({ filters, abortSignal } as Docker.GetEventsOptions),
  );
  const ended = new Promise<void>((resolve) => {
    stream.once('close', resolve);
    stream.once('end', resolve);
    stream.once('error', () => resolve());
  });
  // a readable stream in every way but its type
  const end = () => (stream as unknown as { destroy(): void }).destroy();
  if (signal.aborted) end();
  signal.addEventListener('abort', end, { once: true });
  ended.finally(() => signal.removeEventListener('abort', end));
  let rest = '';
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n');
    rest = (lines.pop() ?? '').slice(0, longestLine);
    for (const line of lines) {
      const id = serviceIn(line);
      if (id !== undefined) onChange(id);
    }
  });
  return { ended };
}

function serviceIn(line: string): string | undefined {
  try {
    const event = JSON.parse(line) as { Type?: unknown; Actor?: { ID?: unknown } };
    const id = event.Actor?.ID;
    return event.Type === 'service' && typeof id === 'string' ? id : undefined;
  } catch {
    return undefined;
  }
}

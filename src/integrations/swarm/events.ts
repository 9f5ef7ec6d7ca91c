import type Docker from 'dockerode';
import type { SwarmConnection } from './connection.js';

/** What the engine says of its services and nodes while a client listens. */
export interface SwarmEvents {
  /** Settles when no more will come: the connection ended, or was ended. */
  readonly ended: Promise<void>;
}

/** The longest line that is an event; whatever is longer is none of ours. */
const longestLine = 64 * 1024;

/** What is told of what happens. */
export interface SwarmListener {
  /** Called with the id of each service that was made, changed or removed. */
  onService(id: string): void;
  /** Called when a node joined, changed or was removed. */
  onNode(): void;
}

/**
 * Listens to the engine's events about services and nodes, until the signal ends it. What happened before is
 * not told: a caller that wants all reads the services once this has settled.
 *
 * @throws TargetError when the engine does not let it listen.
 */
export async function listenToSwarm(
  { call }: SwarmConnection,
  { onService, onNode }: SwarmListener,
  signal: AbortSignal,
): Promise<SwarmEvents> {
  const filters = { type: ['service', 'node'] };
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
      const event = eventIn(line);
      if (event?.type === 'service') onService(event.id);
      if (event?.type === 'node') onNode();
    }
  });
  return { ended };
}

function eventIn(line: string): { readonly type: string; readonly id: string } | undefined {
  try {
    const { Type, Actor } = JSON.parse(line) as { Type?: unknown; Actor?: { ID?: unknown } };
    const id = Actor?.ID;
    return typeof Type === 'string' && typeof id === 'string' ? { type: Type, id } : undefined;
  } catch {
    return undefined;
  }
}

import type { Server } from 'node:http';
import type { ServerType } from '@hono/node-server';

/**
 * Takes no more connections and lets the requests that are under way finish, for at most `withinMs`:
 * one slow client must not keep the process from ending. What is cut off was not answered, so its
 * sender sends it again.
 */
export async function closeServer(server: ServerType, withinMs: number): Promise<void> {
  const { closeIdleConnections, closeAllConnections } = server as Server;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  closeIdleConnections.call(server);
  const late = setTimeout(() => closeAllConnections.call(server), withinMs);
  await closed;
  clearTimeout(late);
}

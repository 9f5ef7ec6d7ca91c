import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageOf } from '../lib/errors.js';
import type { Logger } from '../lib/logger.js';
import type { Config } from './config.js';

/** How long requests under way may take to finish at a stop. */
const requestsMs = 5_000;

/**
 * Answers HTTP on the port of the configuration.
 *
 * @returns where: `http://127.0.0.1:9095`
 * @throws what listening throws, such as EADDRINUSE.
 */
export async function listen(
  site: RequestListener,
  { port, listen: hostname }: Pick<Config, 'port' | 'listen'>,
  log: Logger,
): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  const server = createServer(site);
  const { family, address, ...bound } = await new Promise<AddressInfo>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, hostname, () => {
      server.off('error', reject);
      // a connection that the machine had nothing left for must not end those that there are
      server.on('error', (error) => {
        log.warn({ fault: messageOf(error) }, 'connection not accepted');
      });
      resolve(server.address() as AddressInfo);
    });
  });
  const host = family === 'IPv6' ? `[${address}]` : address;
  return {
    url: `http://${host}:${bound.port}`,
    close: () => closeServer(server, requestsMs),
  };
}

/**
 * Takes no more connections and lets the requests that are under way finish, for at most `withinMs`:
 * one slow client must not keep the process from ending. What is cut off was not answered, so its
 * sender sends it again.
 */
async function closeServer(server: Server, withinMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const late = setTimeout(() => server.closeAllConnections(), withinMs);
  await closed;
  clearTimeout(late);
}

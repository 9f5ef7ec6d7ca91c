import { getRequestListener } from '@hono/node-server';
import type { Hono } from 'hono';
import { countReceivers } from '../announcements/settings.js';
import type { Logger } from '../lib/logger.js';
import type { Config } from './config.js';
import type { Connection } from './connections.js';
import { listen } from './listen.js';

/**
 * Answers at the addresses of Docker Flow's programs, on a port of their own; `undefined`: they are off.
 *
 * @throws what listening throws, such as EADDRINUSE.
 */
export async function listenForDockerFlow({
  site,
  config,
  log,
}: {
  readonly site: Hono;
  readonly config: Pick<Config, 'dockerFlow' | 'listen'>;
  readonly log: Logger;
}): Promise<Awaited<ReturnType<typeof listen>> | undefined> {
  const { port } = config.dockerFlow;
  if (port === undefined) return undefined;
  return listen(getRequestListener(site.fetch), { port, listen: config.listen }, log);
}

/** What the start says of Docker Flow, where any of it is on. */
export function dockerFlowConnection(
  { dockerFlow }: Pick<Config, 'dockerFlow'>,
  url: string | undefined,
): readonly Connection[] {
  const count = countReceivers(dockerFlow.announcements);
  if (url === undefined && count === 0) return [];
  const announces = `announces services and nodes to ${count} address${count === 1 ? '' : 'es'}`;
  const listens = `answers without a token on ${url}: keep this port on internal networks`;
  const detail = [...(url === undefined ? [] : [listens]), ...(count === 0 ? [] : [announces])];
  return [{ name: 'Docker Flow', state: 'loaded', detail: detail.join('; ') }];
}

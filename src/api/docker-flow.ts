import { type Context, Hono } from 'hono';
import {
  type Announcement,
  askToAnnounceAgain,
  askToReadAgain,
  readAnnounced,
} from '../ledger/announcements.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Clock } from '../lib/clock.js';
import { messageOf } from '../lib/errors.js';

const listener = '/v1/docker-flow-swarm-listener';
const monitor = '/v1/docker-flow-monitor';

/** The grammar of Swarm's names and ids, with the prefix that a name may have in announcements. */
const nameOrId = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,199}$/;

/**
 * The addresses of Docker Flow Swarm Listener and Docker Flow Monitor, for a port of their own. They take no
 * token, as their callers have none: they show what is announced, have it announced again, and have services and
 * nodes read again. Nothing that a caller says is believed or kept.
 */
export function createDockerFlow({
  ledger,
  clock,
}: {
  readonly ledger: Ledger;
  readonly clock: Clock;
}): Hono {
  const site = new Hono();

  site.all(`${listener}/ping`, (c) => c.json({ Status: 'OK' }));
  site.all(`${listener}/get-services`, (c) => list(c, 'service'));
  site.all(`${listener}/get-nodes`, (c) => list(c, 'node'));
  site.all(`${listener}/notify-services`, async (c) => {
    await askToAnnounceAgain(ledger, clock.now());
    return c.json({ Status: 'OK' });
  });

  site.all(`${monitor}/ping`, (c) => c.json({ Status: 'OK' }));
  for (const path of ['reconfigure', 'remove']) {
    site.all(`${monitor}/${path}`, async (c) => {
      const service = c.req.query('serviceName') ?? '';
      if (!nameOrId.test(service)) return refuse(c, 'serviceName');
      await askToReadAgain(ledger, { service }, clock.now());
      return c.json({ ...hinted, ServiceName: service });
    });
    site.all(`${monitor}/node/${path}`, async (c) => {
      if (!nameOrId.test(c.req.query('id') ?? '')) return refuse(c, 'id');
      await askToReadAgain(ledger, 'nodes', clock.now());
      return c.json({ ...hinted, ServiceName: '' });
    });
  }

  site.notFound((c) => c.json({ Status: 'NOK', Message: 'no such address' }, 404));
  site.onError((error, c) => c.json({ Status: 'NOK', Message: messageOf(error) }, 503));
  return site;

  async function list(c: Context, kind: Announcement['kind']): Promise<Response> {
    const announced = await readAnnounced(ledger);
    if (announced === null) {
      const Message =
        'the Swarm is not seen at present: no worker has read it, or none reads it now; see jidoka status';
      return c.json({ Status: 'NOK', Message }, 503, { 'retry-after': '5' });
    }
    const all = announced.filter((one) => one.kind === kind);
    return c.json(all.map(({ parameters }) => parameters));
  }
}

const hinted = {
  Status: 'OK',
  Message: 'Jidoka reads this again from the Swarm; parameters are not used',
  Alerts: [],
};

function refuse(c: Context, name: string): Response {
  const Message = `expected the parameter ${name}, as Docker Flow Swarm Listener sends it`;
  return c.json({ Status: 'NOK', Message, Alerts: [], ServiceName: '' }, 400);
}

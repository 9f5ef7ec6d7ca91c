import { Hono } from 'hono';
import { prettyJSON } from 'hono/pretty-json';
import type { ServiceList } from '../engine/proof/service-list.js';
import { readFields } from './request-schema.js';
import { type DescribedServicesView, servicesQuerySchema } from './services-schema.js';
import { serviceView } from './services-view.js';

/** The part of `/api/v1` that shows what services say about themselves, and whether their alerts reach a playbook. */
export function createServicesApi({ services }: { readonly services: ServiceList }): Hono {
  const api = new Hono();
  api.use('/api/v1/services', prettyJSON({ force: true }));
  api.get('/api/v1/services', async (c) => {
    const { q, before, limit } = readFields(servicesQuerySchema, c.req.query());
    const page = await services.page({ words: q, after: before, limit });
    if (page === null) {
      const error =
        'the services of the Swarm are not known at present: no worker has read them, or none reads them now; see jidoka status';
      return c.json({ error }, 503, { 'retry-after': '5' });
    }
    const { items, next, total } = page;
    return c.json({
      items: items.map(serviceView),
      next,
      total,
    } satisfies DescribedServicesView);
  });
  return api;
}

import { Hono } from 'hono';
import { prettyJSON } from 'hono/pretty-json';
import type { Ledger } from '../ledger/ledger.js';
import { readPrometheusFile, readRefusedRules } from '../ledger/prometheus-files.js';
import type { MonitoredService } from '../monitoring/compose.js';
import type { DescribedServiceView } from './services-schema.js';

/** The part of `/api/v1` that shows what services say about their monitoring, as a worker last saw it. */
export function createServicesApi({ ledger }: { readonly ledger: Ledger }): Hono {
  const api = new Hono();
  api.use('/api/v1/services', prettyJSON({ force: true }));
  api.get('/api/v1/services', async (c) => {
    const [file, refused] = await Promise.all([
      readPrometheusFile(ledger, 'services'),
      readRefusedRules(ledger),
    ]);
    if (file?.text === undefined) {
      const error =
        'the services of the Swarm are not known at present: no worker has read them, or none reads them now; see jidoka status';
      return c.json({ error }, 503, { 'retry-after': '5' });
    }
    const services = JSON.parse(file.text) as readonly MonitoredService[];
    const items = services.map(({ name, targets, rules, faults }): DescribedServiceView => {
      const alerts = rules.map(({ alert, expr, for: lasting, labels, annotations }) => {
        const found = refused.find((one) => one.service === name && one.alert === alert);
        return {
          ...{ name: alert, expression: expr, for: lasting ?? null, labels, annotations },
          refused: found?.error ?? null,
        };
      });
      return { name, targets, alerts, faults };
    });
    return c.json({ items });
  });
  return api;
}

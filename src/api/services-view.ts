import type { ProvenService } from '../engine/proof/service-list.js';
import type { DescribedServiceView } from './services-schema.js';

/** A service as the API and the command line show it. */
export function serviceView(service: ProvenService): DescribedServiceView {
  const { name, replicas, scrape, targets, automation, alerts, faults } = service;
  const { enabled, min, max, mode, owner } = automation;
  return {
    ...{ name, replicas, targets },
    scrape: scrape === undefined ? null : { port: scrape.port, path: scrape.path ?? null },
    bounds: { min, max },
    ...{ mode, owner, enabled },
    alerts: alerts.map(({ alert, expr, for: lasting, labels, annotations, ...rest }) => {
      const { refused, tried, links } = rest;
      return {
        ...{ name: alert, expression: expr, for: lasting ?? null, labels, annotations },
        ...{ refused, tried, chain: links },
      };
    }),
    faults: [...faults, ...automation.faults.map((detail) => ({ about: 'automation', detail }))],
  };
}

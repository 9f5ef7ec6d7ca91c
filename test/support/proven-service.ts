import type { Link, LinkName } from '../../src/engine/proof/link.js';
import type { ProvenAlert, ProvenService } from '../../src/engine/proof/service-list.js';
import { noAutomation } from '../../src/monitoring/described-service.js';

const held: readonly Link[] = [
  { name: 'scrape', state: 'yes', detail: '2 targets up' },
  { name: 'rule', state: 'yes', detail: 'loaded, no errors' },
  { name: 'route', state: 'yes', detail: 'receiver jidoka' },
  { name: 'playbook', state: 'yes', detail: 'scale-service-up' },
  { name: 'target', state: 'yes', detail: 'scale web from 2 to 3 replicas' },
  { name: 'mode', state: 'yes', detail: 'auto' },
];

/** An alert whose links hold, but for these. */
export function provenAlert(
  alert: string,
  others: Readonly<Partial<Record<LinkName, Omit<Link, 'name'>>>> = {},
): ProvenAlert {
  return {
    ...{ alert, expr: 'latency > 1', for: '2m', annotations: {}, refused: null, tried: 'rule' },
    labels: { scale: 'up', service: 'web' },
    links: held.map((link) => ({ ...link, ...others[link.name] })),
  };
}

/** A service whose alert is proven. */
export function provenService(name: string, patch: Partial<ProvenService> = {}): ProvenService {
  return {
    ...{ id: name, name, replicas: 2, faults: [], alerts: [provenAlert('Slow')] },
    automation: { ...noAutomation, min: 2, max: 8, owner: 'Payments' },
    targets: ['10.0.0.1:8080', '10.0.0.2:8080'],
    scrape: {
      ...{ port: 8080, path: undefined, interval: undefined, timeout: undefined },
      ...{ scheme: undefined, network: undefined },
    },
    ...patch,
  };
}

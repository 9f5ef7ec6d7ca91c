import type { DescribedServiceView } from '../../api/services-schema.js';

/** A service as it is shown. */
export interface ShownService extends DescribedServiceView {
  /** Labels of a stack file that have no effect. */
  readonly warnings?: readonly string[];
}

const marks = { yes: '✓', no: '✗', not_checked: '–' } as const;

const titles = {
  scrape: 'scraped',
  rule: 'rule',
  route: 'route',
  playbook: 'playbook',
  target: 'target',
  mode: 'mode',
} as const;

/** Renders what services say, and each alert's chain with its missing piece. */
export function renderServices(items: readonly ShownService[]): string {
  if (items.length === 0) return 'No service describes its monitoring or automation.\n';
  return items.map((service) => `${linesOf(service).join('\n')}\n`).join('\n');
}

function linesOf(service: ShownService): string[] {
  const { name, alerts, faults, warnings = [] } = service;
  return [
    name,
    `  ${saysOf(service)}`,
    ...alerts.flatMap((alert) => [
      `  alert ${alert.name}: ${alert.expression.replaceAll(/\s+/g, ' ')}`,
      ...alert.chain.map(({ name: link, state, detail }) => {
        const text = state === 'not_checked' ? `not checked: ${detail}` : detail;
        return `    ${marks[state]} ${titles[link]}: ${text}`;
      }),
    ]),
    ...faults.map(({ about, detail }) => `  error in ${about}: ${detail}`),
    ...warnings.map((warning) => `  warning: ${warning}`),
  ];
}

/** `scraped at port 8080 (2 targets), 1..8 replicas, mode approve, owner Payments` */
function saysOf({ scrape, targets, bounds, mode, owner, enabled }: ShownService): string {
  const { min, max } = bounds;
  const count = targets.length === 1 ? '1 target' : `${targets.length} targets`;
  return [
    scrape === null ? 'not scraped' : `scraped at port ${scrape.port} (${count})`,
    min === null && max === null
      ? 'no bounds'
      : `${min ?? 'no minimum'}..${max ?? 'no maximum'} replicas`,
    ...(mode === null ? [] : [`mode ${mode}`]),
    ...(owner === null ? [] : [`owner ${owner}`]),
    ...(enabled ? [] : ['jidoka.enable is false']),
  ].join(', ');
}

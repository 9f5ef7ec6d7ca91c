import {
  createEvidenceStore,
  type Evidence,
  isThere,
  type MetricEvidence,
} from '../ledger/evidence.js';
import type { Ledger } from '../ledger/ledger.js';
import { describeThreshold, figuresOf, formatValue } from './figures.js';
import { describePrecedent, describeTasks } from './words.js';

/**
 * Reads what was found about each of these escalations or runs, in one round trip, for where plain text is all
 * that can be shown. Throws what ioredis throws.
 *
 * @returns `null`: nothing was gathered yet, or there is nothing to say
 */
export async function readInWords(
  ledger: Ledger,
  ids: readonly string[],
): Promise<readonly (string | null)[]> {
  const found = await createEvidenceStore(ledger).readAll(ids);
  return found.map((evidence) => (evidence === null ? null : describeEvidence(evidence) || null));
}

/** The evidence in lines: what changed, the metric, the tasks, the group, last time, related alerts. */
function describeEvidence(evidence: Evidence): string {
  const { headline, metric, tasks, group, lastTime, related } = evidence;
  const lines = [
    headline ?? '',
    isThere(metric) ? describeMetric(metric) : '',
    // as a headline they are told already
    ...(isThere(tasks) && !headline?.includes(' failed')
      ? tasks.services.map((one) => `${one.name}: ${describeTasks(one)}`)
      : []),
    ...(isThere(group) ? group.groups.map(({ name, activities }) => lastOf(name, activities)) : []),
    isThere(lastTime) ? lastTime.precedents.slice(0, 1).map(lastTimeOf).join('') : '',
    isThere(related) && related.total > 0 ? `Related firing alerts: ${related.total}` : '',
  ];
  return lines.filter((line) => line !== '').join('\n');
}

function describeMetric(metric: MetricEvidence): string {
  const figures = figuresOf(metric.series[0]?.values ?? []);
  if (figures === null) return '';
  const told = Object.entries(figures).map(([word, value]) => `${word} ${formatValue(value)}`);
  const threshold = describeThreshold(metric);
  const limit = threshold === '' ? [] : [`alert if ${threshold}`];
  const several = metric.found > 1 ? [`1 of ${metric.found} series`] : [];
  return `${metric.expression}: ${[...told, ...limit, ...several].join(', ')}`;
}

type Group = Exclude<Evidence['group'], { readonly missing: string }>['groups'][number];

function lastOf(name: string, [last]: Group['activities']): string {
  if (last === undefined) return '';
  return `${name}: ${last.status}: ${last.message || last.description}`;
}

const lastTimeOf = (precedent: Parameters<typeof describePrecedent>[0]) =>
  `Last time: ${describePrecedent(precedent)}`;

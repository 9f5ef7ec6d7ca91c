import { describeThreshold, figuresOf, formatValue, sparkline } from '../evidence/figures.js';
import { describePrecedent, describeTasks } from '../evidence/words.js';
import type { Escalation } from '../ledger/escalation.js';
import { type Evidence, isThere, type MetricEvidence } from '../ledger/evidence.js';
import { addressOf, consoleLink } from './alert.js';
import { type Block, section, sectionRoom } from './blocks.js';
import { bold, code, dateToken, linesWithin, mrkdwn } from './text.js';

const longestHeadline = 400;
const longestLine = 400;
const longestExpression = 150;

/**
 * What was found about the alert, a line each: what changed, the metric, the tasks, what helped last time, what
 * else fires. What is missing is explained on the console.
 */
export function evidenceBlocks(
  { id, state }: Pick<Escalation, 'id' | 'state'>,
  evidence: Evidence | null,
  consoleUrl: string | undefined,
  max: number,
): Block[] {
  if (evidence === null || state !== 'open') return [];
  const { headline, metric, tasks, lastTime, related } = evidence;
  const lines = [
    headline === null ? '' : bold(headline, longestHeadline),
    isThere(metric) ? metricLine(metric, id, consoleUrl) : '',
    // as a headline they are told already
    ...(isThere(tasks) && !headline?.includes(' failed')
      ? tasks.services.map((one) => mrkdwn(`${one.name}: ${describeTasks(one)}`, longestLine))
      : []),
    isThere(lastTime) ? lastTimeLine(lastTime.precedents) : '',
    isThere(related) && related.total > 0 ? relatedLine(related.total, id, consoleUrl) : '',
  ].filter((line) => line !== '');
  const rest = (count: number) => `… and ${count} more ${count === 1 ? 'line' : 'lines'}`;
  return section(linesWithin(lines, sectionRoom(max), rest));
}

function metricLine(metric: MetricEvidence, id: string, consoleUrl: string | undefined): string {
  const [series] = metric.series;
  const figures = series === undefined ? null : figuresOf(series.values);
  if (series === undefined || figures === null) return '';
  const { first, lowest, highest, current } = figures;
  const threshold = describeThreshold(metric);
  const told = [
    `first ${formatValue(first)}`,
    `lowest ${formatValue(lowest)}`,
    `highest ${formatValue(highest)}`,
    `current ${formatValue(current)}`,
    ...(threshold === '' ? [] : [`alert if ${threshold}`]),
    ...(metric.found > 1 ? [`1 of ${metric.found} series`] : []),
  ].join(', ');
  const graph = metric.graphUrl === null ? undefined : addressOf(metric.graphUrl);
  const link =
    consoleUrl !== undefined
      ? ` · ${consoleLink(consoleUrl, `/escalations/${id}#evidence`, 'plot')}`
      : graph === undefined
        ? ''
        : ` · <${graph.replaceAll('&', '&amp;')}|plot>`;
  const line = sparkline(series.values);
  return `${code(metric.expression, longestExpression)} ${line} ${mrkdwn(told, longestLine)}${link}`;
}

function lastTimeLine(
  precedents: Exclude<Evidence['lastTime'], { missing: string }>['precedents'],
): string {
  const [last] = precedents;
  if (last === undefined) return '';
  return `*Last time* (${dateToken(last.atMs)}): ${mrkdwn(describePrecedent(last), longestLine)}`;
}

function relatedLine(total: number, id: string, consoleUrl: string | undefined): string {
  const what = total === 1 ? '1 related alert fires' : `${total} related alerts fire`;
  return consoleLink(consoleUrl, `/escalations/${id}#more-evidence`, what);
}

import { createCircuit } from '../integrations/contract/circuit.js';
import type { MetricEvidence, MetricSeries, Part } from '../ledger/evidence.js';
import { messageOf } from '../lib/errors.js';
import type { AlertingRule, RangeSeries } from '../prometheus/answer.js';
import { splitComparison } from '../prometheus/comparison.js';
import { findRule } from '../prometheus/find-rule.js';
import type { Prometheus, Range } from '../prometheus/prometheus.js';
import { selectSeries } from '../prometheus/select-series.js';
import type { EvidenceSubject } from './subject.js';

/** How far back the metric is shown. */
const rangeMs = 3 * 3_600_000;
/** How many points a line has at most. */
const maxPoints = 240;
/** How many series are kept where it is not known which is the alert's. */
const maxSeries = 5;
/** How long after the end of what it is about the metric is shown still. */
const afterEndMs = 15 * 60_000;

/** What is asked of the metric of an alert. */
type About = Pick<EvidenceSubject, 'labels' | 'generatorUrl' | 'endedAtMs'>;

/**
 * Reads the metric of an alert: the expression of its rule over the last three hours. The rule, and so the
 * expression, comes from Prometheus' own list, never from the alert alone. A Prometheus that takes calls and
 * does not answer is left alone for a while.
 */
export function createMetricReader(prometheuses: readonly Prometheus[]) {
  const members = prometheuses.map((prometheus) => ({
    prometheus,
    through: createCircuit({ system: `Prometheus ${prometheus.name}` }),
  }));
  type Member = (typeof members)[number];

  return async function readMetric(
    about: About,
    nowMs: number,
    signal: AbortSignal,
  ): Promise<Part<MetricEvidence>> {
    if (members.length === 0) {
      return { missing: 'Prometheus is not configured: set PROMETHEUS_URL.' };
    }
    const { alertname } = about.labels;
    if (!alertname) return { missing: 'The alert has no label alertname, so it has no rule.' };
    const faults: string[] = [];
    for (const member of members) {
      try {
        const rules = await member.through(() =>
          member.prometheus.alertingRules(alertname, signal),
        );
        const found = findRule(rules, about);
        if (found.kind === 'found') return await readLine(member, found.rule, about, nowMs, signal);
        faults.push(
          found.kind === 'none'
            ? `Prometheus ${member.prometheus.name} has no alerting rule ${alertname} with these labels`
            : `Prometheus ${member.prometheus.name} has ${found.count} rules ${alertname} that could be the alert's`,
        );
      } catch (error) {
        faults.push(messageOf(error));
      }
    }
    return { missing: `${faults.join('; ')}.` };
  };

  async function readLine(
    { prometheus, through }: Member,
    rule: AlertingRule,
    { labels, generatorUrl, endedAtMs }: About,
    nowMs: number,
    signal: AbortSignal,
  ): Promise<Part<MetricEvidence>> {
    const range = rangeUntil(Math.min(nowMs, (endedAtMs ?? nowMs) + afterEndMs));
    const { line, threshold, isPart } = splitComparison(rule.expression);
    const added = Object.keys(rule.labels);
    const ask = (expression: string) => through(() => prometheus.range(expression, range, signal));
    const { series, isExact } = selectSeries(await ask(line), labels, added);
    const notes: string[] = [];
    if (series.length === 0) {
      return { missing: `No series of ${line} in the last 3 h has the labels of the alert.` };
    }
    if (isPart) notes.push('The alert has more conditions than this one.');
    if (series.length > 1) {
      notes.push(
        `${series.length} series ${isExact ? 'have' : 'may have'} the labels of the alert; it is not known which one it is about.`,
      );
    }
    let shown: MetricEvidence['threshold'] = null;
    if (threshold !== null) {
      const { operator, expression, value } = threshold;
      try {
        const found = value ?? lineOf(await ask(expression), labels, added, range);
        if (found === null) notes.push(`The threshold ${expression} has no single series.`);
        else shown = { operator, expression, value: found };
      } catch (error) {
        notes.push(`The threshold ${expression} could not be read: ${messageOf(error)}.`);
      }
    }
    return {
      expression: line,
      threshold: shown,
      fromMs: range.fromMs,
      stepMs: range.stepMs,
      series: series.slice(0, maxSeries).map((one): MetricSeries => {
        return { labels: one.labels, values: valuesOf(one, range) };
      }),
      found: series.length,
      notes,
      graphUrl: graphUrl(generatorUrl, rule.expression),
    };
  }
}

function rangeUntil(toMs: number): Range {
  const stepMs = rangeMs / maxPoints;
  return { fromMs: toMs - rangeMs + stepMs, toMs, stepMs };
}

function lineOf(
  all: readonly RangeSeries[],
  labels: Readonly<Record<string, string>>,
  added: readonly string[],
  range: Range,
): readonly (number | null)[] | null {
  const { series } = selectSeries(all, labels, added);
  const [one, ...others] = series;
  return one === undefined || others.length > 0 ? null : valuesOf(one, range);
}

function valuesOf({ points }: RangeSeries, { fromMs, toMs, stepMs }: Range) {
  const byTime = new Map(points);
  const steps = Math.round((toMs - fromMs) / stepMs) + 1;
  return Array.from({ length: steps }, (_, step) => {
    const value = byTime.get(fromMs + step * stepMs);
    return value === undefined || !Number.isFinite(value) ? null : value;
  });
}

/** Where people reach the Prometheus that the alert comes from, with the expression of the rule. */
function graphUrl(generatorUrl: string, expression: string): string | null {
  if (!URL.canParse(generatorUrl)) return null;
  const url = new URL(generatorUrl);
  if (!/^https?:$/.test(url.protocol) || !url.pathname.endsWith('/graph')) return null;
  const query = new URLSearchParams({
    'g0.expr': expression,
    'g0.tab': '0',
    'g0.range_input': '3h',
  });
  return `${url.origin}${url.pathname}?${query}`;
}

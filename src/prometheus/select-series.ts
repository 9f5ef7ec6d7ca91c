import type { RangeSeries } from './answer.js';

/** The series of an alert among those of its expression. */
export interface SelectedSeries {
  readonly series: readonly RangeSeries[];
  /** Whether each has no label but the alert's; `false`: none does, and these contradict it in none. */
  readonly isExact: boolean;
}

/**
 * Selects the series that equal an alert's labels, less those that its rule or Alertmanager's side added: each
 * label of the series is one of the alert. Where none does, because a label was dropped on the way, those that
 * share no label with another value.
 *
 * @param added the names of the labels that the rule sets, which may replace those of a series
 */
export function selectSeries(
  all: readonly RangeSeries[],
  alert: Readonly<Record<string, string>>,
  added: readonly string[],
): SelectedSeries {
  const replaced = new Set([...added, 'alertname', '__name__']);
  const own = (series: RangeSeries) =>
    Object.entries(series.labels).filter(([name]) => !replaced.has(name));
  const exact = all.filter((series) => own(series).every(([name, value]) => alert[name] === value));
  if (exact.length > 0) return { series: exact, isExact: true };
  const possible = all.filter((series) =>
    own(series).every(([name, value]) => alert[name] === undefined || alert[name] === value),
  );
  return { series: possible, isExact: false };
}

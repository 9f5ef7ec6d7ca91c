import { figuresOf, formatValue } from '../../evidence/figures.js';
import type { MetricEvidence, MetricSeries, TimelineItem } from '../../ledger/evidence.js';
import { formatTime } from '../../lib/time.js';

const width = 640;
const height = 200;
const inset = { left: 56, right: 44, top: 26, bottom: 24 };
/** So many rows the table of values has, for those who do not see the plot. */
const maxRows = 13;

/** What is marked on a plot: when the alert began, and what was changed. */
interface Mark {
  readonly atMs: number;
  readonly label: string;
}

/**
 * The metric of an alert over time, with its threshold, the beginning of the alert and the changes that were made.
 * All of it is in words, too: in the caption, and the values in a table.
 */
export function MetricPlot(props: {
  readonly metric: MetricEvidence;
  readonly alertAtMs: number;
  /** What was changed meanwhile. */
  readonly changes: readonly TimelineItem[];
}) {
  const { metric, alertAtMs, changes } = props;
  const { expression, threshold, fromMs, stepMs, series, notes, graphUrl } = metric;
  const steps = series[0]?.values.length ?? 0;
  const toMs = fromMs + (steps - 1) * stepMs;
  const isShown = ({ atMs }: { readonly atMs: number }) => atMs >= fromMs && atMs <= toMs;
  const marks: readonly Mark[] = changes
    .filter(isShown)
    .toReversed()
    .map(({ atMs }, index) => ({ atMs, label: String(index + 1) }));
  const told = changes.filter(isShown).toReversed();
  const limits =
    typeof threshold?.value === 'number' ? [threshold.value] : (threshold?.value ?? []);
  const all = [...series.flatMap(({ values }) => values), ...limits].filter(
    (value) => value !== null,
  );
  const [low, high] = rangeOf(all);
  const x = (ms: number) =>
    round(inset.left + ((ms - fromMs) / (toMs - fromMs)) * (width - inset.left - inset.right));
  const y = (value: number) =>
    round(
      height - inset.bottom - ((value - low) / (high - low)) * (height - inset.top - inset.bottom),
    );
  const pathOf = (values: readonly (number | null)[]) =>
    values
      .map((value, step) => {
        if (value === null) return '';
        const isFirst = step === 0 || values[step - 1] === null;
        return `${isFirst ? 'M' : 'L'} ${x(fromMs + step * stepMs)} ${y(value)}`;
      })
      .filter((piece) => piece !== '')
      .join(' ');
  const caption = series.map((one) => inWords(one, series.length > 1)).join(' ');
  const limit =
    typeof threshold?.value === 'number'
      ? ` The alert fires if it is ${threshold.operator} ${formatValue(threshold.value)}.`
      : threshold === null
        ? ''
        : ` The alert fires if it is ${threshold.operator} ${threshold.expression}.`;
  return (
    <figure class="metric">
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-labelledby="metric-title metric-desc">
        <title id="metric-title">{expression}</title>
        <desc id="metric-desc">{`${caption}${limit}`}</desc>
        {[low, high].map((value) => (
          <>
            <line
              class="grid"
              x1={inset.left}
              x2={width - inset.right}
              y1={y(value)}
              y2={y(value)}
            />
            <text class="scale" x={inset.left - 8} y={y(value) + 4} text-anchor="end">
              {formatValue(value)}
            </text>
          </>
        ))}
        {typeof threshold?.value === 'number' && (
          <>
            <line
              class="threshold"
              x1={inset.left}
              x2={width - inset.right}
              y1={y(threshold.value)}
              y2={y(threshold.value)}
            />
            <text class="scale limit" x={width - inset.right + 6} y={y(threshold.value) + 4}>
              {formatValue(threshold.value)}
            </text>
          </>
        )}
        {threshold !== null && typeof threshold.value !== 'number' && (
          <path class="threshold" d={pathOf(threshold.value)} />
        )}
        {isShown({ atMs: alertAtMs }) && (
          <>
            <line
              class="alerting"
              x1={x(alertAtMs)}
              x2={x(alertAtMs)}
              y1={inset.top - 6}
              y2={height - inset.bottom}
            />
            <text class="scale" x={x(alertAtMs)} y={inset.top - 10} text-anchor="middle">
              alert
            </text>
          </>
        )}
        {marks.map(({ atMs, label }) => (
          <>
            <line
              class="mark"
              x1={x(atMs)}
              x2={x(atMs)}
              y1={inset.top - 6}
              y2={height - inset.bottom}
            />
            <text class="scale" x={x(atMs) - 4} y={inset.top + 4} text-anchor="end">
              {label}
            </text>
          </>
        ))}
        {series.map(({ values }) => (
          <path class="line" d={pathOf(values)} />
        ))}
        <text class="scale" x={inset.left} y={height - 6} data-clock={fromMs} data-short>
          {clockOf(fromMs)}
        </text>
        <text
          class="scale"
          x={width - inset.right}
          y={height - 6}
          text-anchor="end"
          data-clock={toMs}
          data-short
        >
          {clockOf(toMs)}
        </text>
      </svg>
      <figcaption>
        <code>{expression}</code> {caption}
        {limit}
        {notes.map((note) => ` ${note}`)}{' '}
        {graphUrl !== null && (
          <a href={graphUrl} rel="noreferrer noopener" target="_blank">
            Open in Prometheus
          </a>
        )}
      </figcaption>
      {told.length > 0 && (
        <ol class="marks">
          {told.map(({ atMs, text }) => (
            <li>
              <time
                datetime={new Date(atMs).toISOString()}
                title={formatTime(atMs)}
                data-clock={atMs}
                data-short
              >
                {clockOf(atMs)}
              </time>{' '}
              {text}
            </li>
          ))}
        </ol>
      )}
      <ValueTable series={series} fromMs={fromMs} stepMs={stepMs} steps={steps} />
    </figure>
  );
}

/** The values of some of the steps, and always the latest. */
function ValueTable(props: {
  readonly series: readonly MetricSeries[];
  readonly fromMs: number;
  readonly stepMs: number;
  readonly steps: number;
}) {
  const { series, fromMs, stepMs, steps } = props;
  const every = Math.max(1, Math.ceil(steps / maxRows));
  const shown = Array.from({ length: steps }, (_, step) => step).filter(
    (step) => (steps - 1 - step) % every === 0,
  );
  return (
    <details>
      <summary>Values</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">Time</th>
            {series.map((one, index) => (
              <th scope="col">{series.length === 1 ? 'Value' : nameOf(one, index)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((step) => (
            <tr>
              <th scope="row" data-clock={fromMs + step * stepMs} data-short>
                {clockOf(fromMs + step * stepMs)}
              </th>
              {series.map(({ values }) => {
                const value = values[step] ?? null;
                return <td>{value === null ? 'none' : formatValue(value)}</td>;
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}

function inWords(series: MetricSeries, isNamed: boolean): string {
  const figures = figuresOf(series.values);
  const name = isNamed ? `${nameOf(series, 0)}: ` : '';
  if (figures === null) return `${name}no values.`;
  const { first, lowest, highest, current } = figures;
  const words = { first, lowest, highest, current };
  const told = Object.entries(words).map(([word, value]) => `${word} ${formatValue(value)}`);
  return `${name}${told.join(', ')}.`;
}

function nameOf({ labels }: MetricSeries, index: number): string {
  const pairs = Object.entries(labels).filter(([name]) => name !== '__name__');
  if (pairs.length === 0) return `Series ${index + 1}`;
  return pairs.map(([name, value]) => `${name}=${value}`).join(', ');
}

/** A line that never moves has room above and below. */
function rangeOf(values: readonly number[]): readonly [number, number] {
  if (values.length === 0) return [0, 1];
  const [low, high] = [Math.min(...values), Math.max(...values)];
  if (low !== high) return [low, high];
  const margin = Math.abs(low) / 2 || 1;
  return [low - margin, high + margin];
}

/** `08:15`, in UTC; the script puts it into the reader's zone. */
function clockOf(ms: number): string {
  return formatTime(ms).slice(11, 16);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

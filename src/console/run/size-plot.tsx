import type { Run } from '../../ledger/run.js';
import { formatTime } from '../../lib/time.js';
import { type SizeSeries, sizeSeries } from './size-series.js';

const width = 420;
const height = 150;
const inset = { left: 36, right: 12, top: 24, bottom: 24 };
/** A run that changed nothing yet takes up some room all the same. */
const shortestMs = 10_000;

/** How the sizes of a run's targets went, a plot for each; nothing where it has changed no size. */
export function SizePlots({ run, nowMs }: { readonly run: Run; readonly nowMs: number }) {
  const untilMs = Math.max(run.endedAtMs ?? nowMs, run.createdAtMs + shortestMs);
  // so that what was found is seen before what was done
  const fromMs = run.createdAtMs - (untilMs - run.createdAtMs) / 10;
  return (
    <>
      {sizeSeries(run).map((series, index) => (
        <SizePlot id={`plot-${index}`} series={series} fromMs={fromMs} untilMs={untilMs} />
      ))}
    </>
  );
}

function SizePlot(props: {
  readonly id: string;
  readonly series: SizeSeries;
  readonly fromMs: number;
  readonly untilMs: number;
}) {
  const { id, series, fromMs, untilMs } = props;
  const { target, unit, points, changes } = series;
  const sizes = changes.flatMap(({ from, to }) => [from, to]);
  const top = Math.max(...sizes, 1);
  const x = (ms: number) => {
    const share = Math.min(Math.max((ms - fromMs) / (untilMs - fromMs), 0), 1);
    return round(inset.left + share * (width - inset.left - inset.right));
  };
  const y = (size: number) =>
    round(height - inset.bottom - (size / top) * (height - inset.top - inset.bottom));
  const [first] = points;
  const line = [
    `M ${x(fromMs)} ${y(first?.size ?? 0)}`,
    ...points.map(({ atMs, size }) => `H ${x(atMs)} V ${y(size)}`),
    `H ${x(untilMs)}`,
  ].join(' ');
  return (
    <figure class="sizes">
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-labelledby={`${id}-title ${id}-desc`}>
        <title id={`${id}-title`}>{`The size of ${target}`}</title>
        <desc id={`${id}-desc`}>{inWords(series)}</desc>
        {[...new Set([0, ...sizes])].map((size) => (
          <>
            <line class="grid" x1={inset.left} x2={width - inset.right} y1={y(size)} y2={y(size)} />
            <text class="scale" x={inset.left - 8} y={y(size) + 4} text-anchor="end">
              {String(size)}
            </text>
          </>
        ))}
        {changes.map(({ atMs, taken }, index) => (
          <>
            <line
              class={taken ? 'mark' : 'mark doubtful'}
              x1={x(atMs)}
              x2={x(atMs)}
              y1={inset.top - 6}
              y2={height - inset.bottom}
            />
            <text class="scale" x={x(atMs)} y={inset.top - 10} text-anchor="middle">
              {String(index + 1)}
            </text>
          </>
        ))}
        <path class="size" d={line} />
        <text class="scale" x={inset.left} y={height - 6} data-clock={fromMs}>
          {formatTime(fromMs).slice(11)}
        </text>
        <text
          class="scale"
          x={width - inset.right}
          y={height - 6}
          text-anchor="end"
          data-clock={untilMs}
        >
          {formatTime(untilMs).slice(11)}
        </text>
      </svg>
      <figcaption class="soft">
        {target}, in {unit}.{' '}
        {changes.map(({ atMs, from, to, taken, undo }, index) => (
          <>
            {index + 1}: {undo && 'undo '}
            {from} → {to} at <span data-clock={atMs}>{formatTime(atMs).slice(11)}</span>
            {!taken && ', outcome unknown'}.{' '}
          </>
        ))}
      </figcaption>
    </figure>
  );
}

/** What the plot shows, for those who do not see it. */
function inWords({ changes }: SizeSeries): string {
  return changes
    .map(({ atMs, from, to, taken, undo }, index) => {
      const what = `${index + 1}: ${undo ? 'undo ' : ''}${from} → ${to}`;
      const doubt = taken ? '' : ', outcome unknown';
      return `${what} at ${formatTime(atMs).slice(11)}${doubt}.`;
    })
    .join(' ');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** One kind of thing that is counted by day. */
export interface DayPart {
  readonly name: string;
  /** Its colour: one of the stylesheet's `.bar-…`. */
  readonly look: 'good' | 'busy' | 'warn' | 'bad' | 'calm' | 'none';
  /** What the name stands for, in a few words. */
  readonly means?: string;
}

/** A day with a count for each part. */
export interface Day {
  readonly day: string;
  readonly counts: readonly number[];
}

const barWidth = 10;
const height = 20;

/**
 * Counts by day: a row for each kind, with its name, its sum and its days as bars, the oldest left. The
 * numbers of each day are below, folded away.
 *
 * @param props.id the only one on its page
 */
export function DayBars(props: {
  readonly id: string;
  readonly title: string;
  readonly parts: readonly DayPart[];
  readonly days: readonly Day[];
}) {
  const { id, title, parts, days } = props;
  const most = Math.max(1, ...days.flatMap(({ counts }) => counts));
  return (
    <figure class="day-bars" id={id}>
      <figcaption>
        {title}, {days[0]?.day} to {days.at(-1)?.day}
      </figcaption>
      {parts.map((part, index) => (
        <Bars part={part} counts={days.map(({ counts }) => counts[index] ?? 0)} most={most} />
      ))}
      <details id={`${id}-numbers`}>
        <summary>Numbers by day</summary>
        <DayTable title={title} parts={parts} days={days} />
      </details>
    </figure>
  );
}

/** One kind of thing: a bar for each day, as high as its count is of the most of any kind on any day. */
function Bars(props: {
  readonly part: DayPart;
  readonly counts: readonly number[];
  readonly most: number;
}) {
  const { part, counts, most } = props;
  const width = Math.max(1, counts.length) * barWidth;
  const sum = counts.reduce((total, count) => total + count, 0);
  return (
    <div class="day-row">
      <span>
        <b>{sum.toLocaleString('en')}</b> {part.name}
        {part.means !== undefined && <small>{part.means}</small>}
      </span>
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" aria-hidden="true">
        {counts.map((count, day) => {
          const size = count === 0 ? 0 : Math.max(1, Math.round((count / most) * height * 10) / 10);
          const x = day * barWidth + 1;
          return (
            <rect
              x={x}
              y={height - size}
              width={barWidth - 2}
              height={size}
              class={`bar-${part.look}`}
            />
          );
        })}
      </svg>
    </div>
  );
}

function DayTable(props: {
  readonly title: string;
  readonly parts: readonly DayPart[];
  readonly days: readonly Day[];
}) {
  const { title, parts, days } = props;
  const busy = days.filter((day) => sumOf(day) > 0).reverse();
  if (busy.length === 0) return <p class="empty">None on these days.</p>;
  return (
    <section class="wide" tabindex={0} aria-label={title}>
      <table class="numbers">
        <caption class="unseen">{title}, the newest first; days without any are left out</caption>
        <thead>
          <tr>
            <th scope="col">Day (UTC)</th>
            {parts.map(({ name }) => (
              <th scope="col">{name}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {busy.map(({ day, counts }) => (
            <tr>
              <th scope="row">{day}</th>
              {counts.map((count) => (
                <td>{count}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function sumOf({ counts }: Day): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

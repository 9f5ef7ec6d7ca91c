/** One kind of thing that is counted by day. */
export interface DayPart {
  readonly name: string;
  /** Its colour: one of the stylesheet's `.bar-…`. */
  readonly look: 'good' | 'busy' | 'warn' | 'bad' | 'calm' | 'none';
}

/** A day with a count for each part. */
export interface Day {
  readonly day: string;
  readonly counts: readonly number[];
}

const barWidth = 10;
const height = 60;

/**
 * Counts by day as bars, the oldest left. Beside the picture stands what it says, in words and as a table.
 *
 * @param props.id the only one on its page
 * @param props.parts what each bar is made of, from the bottom up
 */
export function DayBars(props: {
  readonly id: string;
  readonly title: string;
  readonly parts: readonly DayPart[];
  readonly days: readonly Day[];
}) {
  const { id, title, parts, days } = props;
  const most = Math.max(1, ...days.map(sumOf));
  const width = days.length * barWidth;
  return (
    <figure class="plot" id={id}>
      <figcaption>
        {title}
        <ul class="legend">
          {parts.map(({ name, look }) => (
            <li>
              <i class={`swatch bar-${look}`} /> {name}
            </li>
          ))}
        </ul>
      </figcaption>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-labelledby={`${id}-name`}
      >
        <title id={`${id}-name`}>{`${title}: ${inSentence(parts, days)}`}</title>
        {days.map((day, index) => (
          <g>
            <title>{describeDay(parts, day)}</title>
            <rect x={index * barWidth} y={0} width={barWidth} height={height} class="bar-ground" />
            {stack(day, most).map(({ part, y, size }) => (
              <rect
                x={index * barWidth + 1}
                y={y}
                width={barWidth - 2}
                height={size}
                class={`bar-${parts[part]?.look ?? 'calm'}`}
              />
            ))}
          </g>
        ))}
      </svg>
      <div class="plot-ends soft" aria-hidden="true">
        <span>{days[0]?.day}</span>
        <span>at most {most} a day</span>
        <span>{days.at(-1)?.day}</span>
      </div>
      <details id={`${id}-numbers`}>
        <summary>As numbers</summary>
        <DayTable title={title} parts={parts} days={days} />
      </details>
    </figure>
  );
}

function DayTable(props: {
  readonly title: string;
  readonly parts: readonly DayPart[];
  readonly days: readonly Day[];
}) {
  const { title, parts, days } = props;
  const busy = days.filter((day) => sumOf(day) > 0).reverse();
  if (busy.length === 0) return <p class="empty">There was nothing on any of these days.</p>;
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

/** Where each part of a bar lies, from the bottom up. */
function stack({ counts }: Day, most: number) {
  let top = height;
  return counts.flatMap((count, part) => {
    if (count === 0) return [];
    const size = Math.round((count / most) * height * 100) / 100;
    top -= size;
    return [{ part, y: Math.max(0, Math.round(top * 100) / 100), size }];
  });
}

function sumOf({ counts }: Day): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

function describeDay(parts: readonly DayPart[], { day, counts }: Day): string {
  const said = counts.flatMap((count, index) =>
    count === 0 ? [] : [`${count} ${parts[index]?.name ?? ''}`],
  );
  return `${day}: ${said.length === 0 ? 'none' : said.join(', ')}`;
}

function inSentence(parts: readonly DayPart[], days: readonly Day[]): string {
  const totals = parts.map(({ name }, index) => {
    return `${days.reduce((sum, { counts }) => sum + (counts[index] ?? 0), 0)} ${name}`;
  });
  return `${totals.join(', ')} in ${days.length} days`;
}

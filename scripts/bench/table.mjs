// Figures of several rounds as one line each: the median, how far they spread, and the mark of the same
// rounds beside it.

/** Gathers what the rounds measured. */
export function createFigures() {
  const figures = new Map();
  return {
    record({ what, unit, ours, mark, of, atLeast, atMost }) {
      const name = `${what} | ${of ?? ''}`;
      const figure = figures.get(name) ?? { what, unit, of, atLeast, atMost, ours: [], marks: [] };
      figures.set(name, figure);
      figure.ours.push(ours);
      if (mark !== undefined) figure.marks.push(mark);
    },
    all: () => [...figures.values()].map(summarize),
  };
}

function summarize({ what, unit, of, atLeast, atMost, ours, marks }) {
  const ratios = marks.map((mark, index) => ours[index] / mark);
  const ratio = marks.length === 0 ? null : median(ratios);
  const isMet =
    ratio === null || (atLeast ?? atMost) === undefined
      ? null
      : atLeast !== undefined
        ? ratio >= atLeast
        : ratio <= atMost;
  return {
    what,
    unit,
    median: median(ours),
    least: Math.min(...ours),
    most: Math.max(...ours),
    rounds: ours.length,
    mark: marks.length === 0 ? null : { of, median: median(marks), ratio },
    target: atLeast === undefined ? (atMost === undefined ? null : { atMost }) : { atLeast },
    isMet,
  };
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The table for people. */
export function render(figures) {
  const rows = [
    ['figure', 'median', 'from', 'to', 'beside', 'mark', 'ratio', 'target', ''],
    ...figures.map(({ what, unit, median: ours, least, most, mark, target, isMet }) => [
      what,
      `${shown(ours)} ${unit}`,
      shown(least),
      shown(most),
      mark?.of ?? '',
      mark === null ? '' : shown(mark.median),
      mark === null ? '' : mark.ratio.toFixed(2),
      target === null
        ? ''
        : target.atLeast === undefined
          ? `≤ ${target.atMost}`
          : `≥ ${target.atLeast}`,
      isMet === null ? '' : isMet ? 'met' : 'MISSED',
    ]),
  ];
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function shown(value) {
  if (value >= 100) return Math.round(value).toLocaleString('en-US');
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

// Figures of several rounds as one line each: the median, how far they spread, and beside it what is asked:
// so much of a mark of the same rounds, or an absolute number.

/** Gathers what the rounds measured. */
export function createFigures() {
  const figures = new Map();
  return {
    /**
     * @param of what the mark is; `'the target'`: the mark is no measurement, but what is asked for
     * @param atLeast how much of the mark is asked for at least; and `atMost`
     */
    record({ part, what, unit, ours, mark, of, atLeast, atMost }) {
      const name = `${part} | ${what} | ${of ?? ''}`;
      const known = figures.get(name);
      const figure = known ?? { part, what, unit, of, atLeast, atMost, ours: [], marks: [] };
      figures.set(name, figure);
      figure.ours.push(ours);
      if (mark !== undefined) figure.marks.push(mark);
    },
    /** What is the same figure beside several marks stands together. */
    all() {
      const groups = new Map();
      for (const figure of figures.values()) {
        const name = `${figure.part} | ${figure.what}`;
        groups.set(name, [...(groups.get(name) ?? []), figure]);
      }
      return [...groups.values()].flat().map(summarize);
    },
  };
}

function summarize({ part, what, unit, of, atLeast, atMost, ours, marks }) {
  const isAbsolute = of === 'the target';
  const asked = atLeast ?? atMost;
  const ratios = marks.map((mark, index) => ours[index] / mark);
  const ratio = ratios.length === 0 ? null : median(ratios);
  const isMet =
    ratio === null || asked === undefined
      ? null
      : atLeast === undefined
        ? ratio <= atMost
        : ratio >= atLeast;
  return {
    part,
    what,
    unit,
    median: median(ours),
    least: Math.min(...ours),
    most: Math.max(...ours),
    rounds: ours.length,
    mark: ratio === null || isAbsolute ? null : { of, median: median(marks), ratio },
    target:
      ratio === null || asked === undefined
        ? null
        : {
            bound: atLeast === undefined ? 'at most' : 'at least',
            ...(isAbsolute ? { value: asked * marks[0] } : { ofMark: asked }),
          },
    isMet,
  };
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Above the columns of `rowOf`. */
export const columns = ['', 'median', 'spread', 'asked for', 'is', ''];

/** A figure in words; a figure that is beside several marks has a row for each. */
export function rowOf({ what, unit, median: ours, least, most, rounds, mark, target, isMet }) {
  const sign = target?.bound === 'at most' ? '≤' : '≥';
  const beside = mark === null ? '' : `${mark.of} (${shown(mark.median)})`;
  let asked = beside === '' ? '' : `beside ${beside}`;
  if (target?.value !== undefined) asked = `${sign} ${shown(target.value)} ${unit}`;
  else if (target !== null) asked = `${sign} ${target.ofMark} × ${beside}`;
  return [
    what,
    `${shown(ours)} ${unit}`,
    rounds === 1 ? 'once' : `${shown(least)} – ${shown(most)}`,
    asked,
    mark === null ? '' : `${mark.ratio.toPrecision(3)} ×`,
    isMet === null ? '' : isMet ? 'met' : 'MISSED',
  ];
}

/** The table for people, part by part; where the lines would be too wide, each figure has two. */
export function render(figures, width) {
  const rows = figures.map(rowOf);
  const wide = layOut([columns, ...rows]);
  const isWide = wide.every((line) => line.length + 2 <= width);
  const lines = isWide ? wide : layOut([columns, ...rows].map(([, ...cells]) => cells));
  const shownLines = [isWide ? `  ${lines[0]}` : `    ${lines[0]}`];
  for (const [index, { part, what }] of figures.entries()) {
    const before = figures[index - 1];
    if (before?.part !== part) shownLines.push('', part);
    if (isWide) shownLines.push(`  ${lines[index + 1]}`);
    else {
      if (before?.part !== part || before.what !== what) shownLines.push(`  ${what}`);
      shownLines.push(`    ${lines[index + 1]}`);
    }
  }
  return shownLines.join('\n');
}

function layOut(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]))
      .join('  ')
      .trimEnd(),
  );
}

function shown(value) {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US');
  return Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(2);
}

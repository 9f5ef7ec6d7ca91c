import type { MetricEvidence } from '../ledger/evidence.js';

/** The values of a line that a person is told in words; `null` where it has none. */
export interface Figures {
  readonly first: number;
  readonly lowest: number;
  readonly highest: number;
  readonly current: number;
}

/** Picks them out; `null`: no step has a value. */
export function figuresOf(values: readonly (number | null)[]): Figures | null {
  const known = values.filter((value) => value !== null);
  const [first] = known;
  const current = known.at(-1);
  if (first === undefined || current === undefined) return null;
  return { first, lowest: Math.min(...known), highest: Math.max(...known), current };
}

/** A value as a person reads it: four digits that count, and powers of ten where it is very large or small. */
export function formatValue(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e9 || size < 1e-4)) return value.toExponential(2);
  return String(Number(value.toPrecision(size >= 1_000 ? 6 : 4)));
}

const bars = '▁▂▃▄▅▆▇█';
const defaultWidth = 24;

/** A line as bars of text, each the mean of its part; a gap where there is no value. */
export function sparkline(values: readonly (number | null)[], width = defaultWidth): string {
  const figures = figuresOf(values);
  if (figures === null) return '';
  const { lowest, highest } = figures;
  // what came before the first value says nothing
  const from = values.findIndex((value) => value !== null);
  const shown = values.slice(from);
  const count = Math.min(width, shown.length);
  return Array.from({ length: count }, (_, index) => {
    const start = Math.floor((index * shown.length) / count);
    const end = Math.floor(((index + 1) * shown.length) / count);
    const known = shown.slice(start, end).filter((value) => value !== null);
    if (known.length === 0) return ' ';
    const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
    const share = highest === lowest ? 0 : (mean - lowest) / (highest - lowest);
    return bars[Math.min(Math.floor(share * bars.length), bars.length - 1)];
  }).join('');
}

/** The threshold in words: `> 0.5`, or its latest value; empty: there is none. */
export function describeThreshold({ threshold }: Pick<MetricEvidence, 'threshold'>): string {
  if (threshold === null) return '';
  const { operator, value } = threshold;
  const latest = typeof value === 'number' ? value : (figuresOf(value)?.current ?? null);
  return latest === null ? '' : `${operator} ${formatValue(latest)}`;
}

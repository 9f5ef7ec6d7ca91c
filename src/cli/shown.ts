import { lengthInWords } from '../lib/time.js';
import { visible } from '../lib/visible.js';

const dayMs = 24 * 3_600_000;
const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const;

/** A length of time in its largest whole unit: `12 min`. */
export function describeLength(ms: number): string {
  const [unit, unitMs] = units.find(([, size]) => ms >= size) ?? ['s', 1_000];
  return `${Math.floor(Math.max(ms, 0) / unitMs)} ${unit}`;
}

/** A moment to come: `14:05:10 (in 3 min 20 s)`, in the time of this machine; with its date where that is a day away or more. */
export function describeTime(atMs: number, nowMs: number): string {
  const at = new Date(atMs);
  const time = at.toTimeString().slice(0, 8);
  // Swedish dates are ISO's
  const when = atMs - nowMs < dayMs ? time : `${at.toLocaleDateString('sv')} ${time}`;
  if (atMs <= nowMs) return `${when} (any moment)`;
  return `${when} (in ${lengthInWords(Math.ceil((atMs - nowMs) / 1_000) * 1_000)})`;
}

/** Labels as Alertmanager writes them, the name of the alert first, in one line: `Slow{service="web"}`. */
export function describeLabels(labels: Readonly<Record<string, string>>): string {
  const { alertname = '', ...others } = labels;
  const pairs = Object.entries(others)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return visible(pairs.length === 0 ? alertname : `${alertname}{${pairs.join(', ')}}`);
}

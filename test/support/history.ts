import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Labels } from '../../src/alertmanager/alert.js';
import { identityOf } from '../../src/alertmanager/identity.js';
import type { Received } from '../../src/alertmanager/received.js';
import { readHistoryLine } from '../../src/engine/reports/history-line.js';
import { makeDir } from './parts/place.js';

/** When the histories of tests begin. */
export const historyStartMs = Date.parse('2026-01-31T08:00:00Z');

/** One delivery of one alert, so many minutes after the beginning. */
export interface Delivered {
  readonly minute: number;
  readonly labels: Labels;
  readonly firedAt: number;
  readonly resolved?: boolean;
}

const goZeroTime = '0001-01-01T00:00:00Z';

/** The body of a webhook with one alert. */
export function bodyOf({ minute, labels, firedAt, resolved = false }: Delivered) {
  const iso = (minutes: number) => new Date(historyStartMs + minutes * 60_000).toISOString();
  const status = resolved ? 'resolved' : 'firing';
  return {
    version: '4',
    groupKey: JSON.stringify(labels),
    receiver: 'jidoka',
    status,
    alerts: [
      {
        status,
        labels,
        annotations: {},
        startsAt: iso(firedAt),
        endsAt: resolved ? iso(minute) : goZeroTime,
        fingerprint: identityOf(labels, new Set()).slice(0, 16),
      },
    ],
  };
}

/** The same as a line of the history. */
export function historyLine(delivered: Delivered): string {
  const received_at = new Date(historyStartMs + delivered.minute * 60_000).toISOString();
  const notification = bodyOf(delivered);
  return JSON.stringify({ received_at, source: 'alertmanager', via: 'webhook', notification });
}

/** The lines of an alert that fires, is delivered again every five minutes, and resolves. */
export function episodeOf(labels: Labels, from: number, to: number): readonly Delivered[] {
  const repeats = Math.ceil((to - from) / 5);
  return [
    ...Array.from({ length: repeats }, (_, index) => ({
      minute: from + index * 5,
      labels,
      firedAt: from,
    })),
    { minute: to, labels, firedAt: from, resolved: true },
  ];
}

/** Several episodes as one history, in the order of time. */
export function linesOf(...episodes: (readonly Delivered[])[]): string[] {
  return episodes
    .flat()
    .sort((a, b) => a.minute - b.minute)
    .map(historyLine);
}

/** Lines as the engine takes them. */
export function receivedOf(lines: readonly string[]): Received[] {
  return lines.map((line) => readHistoryLine(line));
}

/** Writes files into a new folder, and gives back where it is. */
export async function writeFiles(files: Readonly<Record<string, string>>): Promise<string> {
  const dir = await makeDir('backtest');
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), text);
  }
  return dir;
}

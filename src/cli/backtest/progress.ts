const everyMs = 200;
const width = 30;

/** How far a replay has come. */
export interface Progress {
  readonly alerts: number;
  /** The time in the record. */
  readonly atMs: number;
  /** From 0 to 1; `undefined`: its length is not known. */
  readonly part: number | undefined;
}

/** Shows on a terminal how far it has come, on a line of its own that goes when it is done. */
export function createProgressBar(stream: NodeJS.WriteStream, now: () => number) {
  const beganMs = now();
  let shownMs = beganMs;

  function show(progress: Progress): void {
    if (!stream.isTTY || shownMs + everyMs > now()) return;
    shownMs = now();
    stream.write(`\r\u001b[K${progressLine(progress, shownMs - beganMs)}`);
  }

  function clear(): void {
    if (stream.isTTY) stream.write('\r\u001b[K');
  }

  return { show, clear };
}

/** `[=====     ]  42 %  420,000 alerts  2026-01-31 08:00  20,000/s` */
export function progressLine({ alerts, atMs, part }: Progress, elapsedMs: number): string {
  const full = Math.round((part ?? 0) * width);
  const bar = part === undefined ? '' : `[${'='.repeat(full).padEnd(width)}] `;
  const percent = part === undefined ? '' : `${String(Math.floor(part * 100)).padStart(3)} %  `;
  const time = new Date(atMs).toISOString().slice(0, 16).replace('T', ' ');
  const rate = Math.round(alerts / Math.max(elapsedMs / 1_000, 0.001));
  const count = alerts.toLocaleString('en');
  return `${bar}${percent}${count} alerts  ${time}  ${rate.toLocaleString('en')}/s`;
}

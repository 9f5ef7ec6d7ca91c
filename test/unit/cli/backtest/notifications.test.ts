import { describe, expect, test } from 'vitest';
import { type BadLine, readNotifications } from '../../../../src/cli/backtest/notifications.js';
import { bodyOf, historyLine, historyStartMs } from '../../../support/history.js';

const labels = { alertname: 'Slow', service: 'wéb' };
const at = (minute: number) => historyLine({ minute, labels, firedAt: 0 });

/** Reads a text that comes in pieces of so many bytes; gives back the minutes that were received. */
async function read(
  text: string,
  { pieces = 7, ...range }: { pieces?: number; sinceMs?: number; untilMs?: number } = {},
) {
  const bad: BadLine[] = [];
  const late: number[] = [];
  const whole = Buffer.from(text);
  async function* bytes() {
    for (let at = 0; at < whole.length; at += pieces) yield whole.subarray(at, at + pieces);
  }
  const minutes: number[] = [];
  const services = new Set<string>();
  for await (const { receivedAtMs, notification } of readNotifications({
    bytes: bytes(),
    sinceMs: undefined,
    untilMs: undefined,
    onBadLine: (line) => bad.push(line),
    onLate: (line) => late.push(line),
    ...range,
  })) {
    minutes.push((receivedAtMs - historyStartMs) / 60_000);
    const [alert] = notification.alerts as { labels: { service: string } }[];
    services.add(alert?.labels.service ?? '');
  }
  return { minutes, bad, late, services: [...services] };
}

describe('notifications', () => {
  test.each([1, 7, 100_000])('are read from bytes in pieces of %i', async (pieces) => {
    const text = `${at(0)}\n${at(1)}\r\n\n${at(2)}`;
    const found = await read(text, { pieces });
    expect(found).toEqual({ minutes: [0, 1, 2], bad: [], late: [], services: ['wéb'] });
  });

  test('are read on after a bad line, which is named', async () => {
    const { minutes, bad } = await read(`${at(0)}\nno\n${at(1)}\n{"version":"4"}\n`);
    expect(minutes).toEqual([0, 1]);
    expect(bad).toEqual([
      { line: 2, fault: expect.stringContaining('expected a JSON object') },
      { line: 4, fault: expect.stringContaining('alerts: expected a list') },
    ]);
  });

  test('are left out where they were received outside of the time that is asked for', async () => {
    const range = { sinceMs: historyStartMs + 60_000, untilMs: historyStartMs + 120_000 };
    const { minutes } = await read([0, 1, 2, 3].map(at).join('\n'), range);
    expect(minutes).toEqual([1, 2]);
  });

  test('may be a little out of order; more than that is said', async () => {
    const { minutes, late } = await read([0, 10, 5, 4, 11, 3].map(at).join('\n'));
    expect(minutes).toEqual([0, 10, 5, 4, 11, 3]);
    expect(late).toEqual([4, 6]);
  });

  test('without a time of their own come after each other', async () => {
    const bodies = [5, 3, 8].map((firedAt) => bodyOf({ minute: 0, labels, firedAt }));
    const { minutes, late } = await read(bodies.map((body) => JSON.stringify(body)).join('\n'));
    expect(minutes).toEqual([5, 5, 8]);
    expect(late).toEqual([]);
  });
});

import { expect, test } from 'vitest';
import { createProgressBar, progressLine } from '../../../../src/cli/backtest/progress.js';

const atMs = Date.UTC(2026, 0, 31, 8);

function stream(isTTY: boolean) {
  const written: string[] = [];
  const fake = { isTTY, write: (text: string) => written.push(text) };
  return { written, fake: fake as unknown as NodeJS.WriteStream };
}

test('the bar says how far it has come, and how fast', () => {
  expect(progressLine({ alerts: 420_000, atMs, part: 0.42 }, 20_000)).toBe(
    '[=============                 ]  42 %  420,000 alerts  2026-01-31 08:00  21,000/s',
  );
});

test('where the end is not known there is no bar', () => {
  const line = progressLine({ alerts: 1_000, atMs, part: undefined }, 1_000);
  expect(line).toBe('1,000 alerts  2026-01-31 08:00  1,000/s');
});

test('the bar is for terminals, now and then, and goes when it is done', () => {
  let nowMs = 0;
  const { written, fake } = stream(true);
  const bar = createProgressBar(fake, () => nowMs);
  for (nowMs = 100; nowMs <= 1_000; nowMs += 100) bar.show({ alerts: 1, atMs, part: 0.5 });
  bar.clear();
  expect(written).toHaveLength(6);
  expect(written.at(-1)).toBe('\r\u001b[K');

  const file = stream(false);
  const none = createProgressBar(file.fake, () => nowMs);
  nowMs += 1_000;
  none.show({ alerts: 1, atMs, part: 0.5 });
  none.clear();
  expect(file.written).toEqual([]);
});

import { expect, test } from 'vitest';

const { createFigures, render } = await import(
  new URL('../../../scripts/bench/table.mjs', import.meta.url).href
);

function measured() {
  const { record, all } = createFigures();
  for (const [ours, mark] of [
    [800, 1_000],
    [900, 1_000],
    [1_500, 2_000],
  ]) {
    record({ part: 'intake', what: 'taken in', unit: '/s', ours, mark, of: 'XADD', atLeast: 0.9 });
    record({ part: 'intake', what: 'taken in', unit: '/s', ours, mark: 4_000, of: 'Hono' });
  }
  record({
    part: 'size',
    what: 'idle',
    unit: 'MiB',
    ours: 100,
    mark: 120,
    of: 'the target',
    atMost: 1,
  });
  return all();
}

test('a figure is held against the mark of its own round', () => {
  const [first] = measured();
  // that of the medians would be 0.9
  expect(first).toMatchObject({ median: 900, mark: { median: 1_000, ratio: 0.8 }, isMet: false });
});

test('an absolute target is told from a share of a mark', () => {
  expect(render(measured(), 200).split('\n')).toEqual([
    '            median   spread       asked for             is',
    '',
    'intake',
    '  taken in  900 /s   800 – 1,500  ≥ 0.9 × XADD (1,000)  0.800 ×  MISSED',
    '  taken in  900 /s   800 – 1,500  beside Hono (4,000)   0.225 ×',
    '',
    'size',
    '  idle      100 MiB  once         ≤ 120 MiB                      met',
  ]);
});

test('a narrow terminal has the name on a line of its own', () => {
  const lines: string[] = render(measured(), 60).split('\n');
  expect(lines.filter((line) => line.includes('taken in'))).toEqual(['  taken in']);
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThan(80);
});

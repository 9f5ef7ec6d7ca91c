import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const { parts } = await import(new URL('../../../scripts/bench/parts.mjs', import.meta.url).href);
const names: readonly string[] = parts.map(({ name }: { name: string }) => name);
const text = readFileSync('docs/contributors/performance.md', 'utf8');
const results = /<!-- results: begin -->(.*)<!-- results: end -->/s.exec(text)?.[1] ?? '';
const [about = '', ...sections] = results.split(/^### /m);

test('the page on performance says on what was measured, and how often', () => {
  expect(about).toMatch(/\d+ × .+, \d+ GiB, \w+ \d/);
  for (const name of ['Jidoka', 'Node', 'Redis', 'BullMQ', 'Hono']) {
    expect(about).toMatch(new RegExp(`${name} \\d+\\.\\d+`));
  }
  expect(about).toMatch(/\d{4}-\d\d-\d\d, \d+ rounds?/);
});

test('the page on performance has the figures of each part, with their spread', () => {
  expect(sections.map((section) => section.split('\n')[0])).toEqual(names);
  for (const section of sections) {
    // peers are measured where there are any
    if (!section.includes('| --- |') && section.includes('is not installed')) continue;
    const rows = section.split('\n').filter((line) => /^\| [^-]/.test(line));
    expect(rows.shift()).toContain('| median | spread | asked for |');
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect(row).toMatch(/^\| .+ \| [\d.,]+ .+ \| (?:once|.+ – .+) \| /);
  }
});

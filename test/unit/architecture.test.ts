import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

/* The tree in docs/contributors/architecture.md, from the top down, is the rule: imports point downward only. */

const page = readFileSync('docs/contributors/architecture.md', 'utf8');
const tree = /<!-- layers -->\n+```\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
/** The folders of `src/`, the highest first, as the page draws them: the folder, then what it is. */
const layers = tree.split('\n').flatMap((line) => /^([\w./-]+)\/? {2,}\S/.exec(line)?.[1] ?? []);

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.tsx?$/.test(file))
  .map((file) => file.replaceAll('\\', '/'));

/** What each file imports of ours, types included. */
const imports = new Map(files.map((file) => [file, importsOf(file)]));

function importsOf(file: string): readonly string[] {
  const text = readFileSync(join('src', file), 'utf8');
  const specifiers = text.matchAll(/(?:\bfrom\s|\bimport\s*\(\s*|\bimport\s)\s*'(\.[^']+)'/g);
  return [...specifiers].map(([, specifier = '']) => {
    const path = join(dirname(file), specifier).replace(/\.js$/, '');
    return files.find((other) => other.replace(/\.tsx?$/, '') === path) ?? path;
  });
}

/** The index of the layer that a file belongs to: that of the nearest folder that the page draws. */
function layerOf(file: string): number {
  if (layers.includes(file)) return layers.indexOf(file);
  for (let folder = dirname(file); folder !== '.'; folder = dirname(folder)) {
    if (layers.includes(folder)) return layers.indexOf(folder);
  }
  return -1;
}

test('the page draws every folder, and no other', () => {
  expect(layers.length).toBeGreaterThan(20);
  expect(files.filter((file) => layerOf(file) < 0)).toEqual([]);
  const drawn = new Set(files.map(layerOf));
  expect(layers.filter((_, index) => !drawn.has(index))).toEqual([]);
});

test('imports point downward only, those of types too', () => {
  const upward = [...imports].flatMap(([file, imported]) =>
    imported
      .filter((other) => layerOf(other) < layerOf(file))
      .map((other) => `${file} imports ${other}`),
  );
  expect(upward).toEqual([]);
});

test('only an integration knows itself; all else derives from the registry', () => {
  const knowing = [...imports].flatMap(([file, imported]) => {
    const isOutside = !file.startsWith('integrations/') && !file.startsWith('sim/');
    const knows = imported.some((other) => /^integrations\/(?!contract\/)[\w-]+\//.test(other));
    return isOutside && knows ? [file] : [];
  });
  expect(knowing).toEqual([]);
});

test('no file imports itself by way of others', () => {
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) {
      circles.push([...path.slice(path.indexOf(file)), file].join(' → '));
      return;
    }
    if (done.has(file)) return;
    for (const other of imports.get(file) ?? []) visit(other, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  expect(circles).toEqual([]);
});

test('every file that a document names is there', () => {
  const pages = readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((page) => page.endsWith('.md'))
    .map((page) => join('docs', page));
  const named = pages.flatMap((page) =>
    [...readFileSync(page, 'utf8').matchAll(/`((?:[\w-]+\/)+[\w-]+\.tsx?)`/g)].map(
      ([, file = '']) => ({ page, file }),
    ),
  );
  expect(named.length).toBeGreaterThan(50);
  const missing = named.filter(({ file }) => !existsSync(join('src', file)) && !existsSync(file));
  expect(missing).toEqual([]);
});

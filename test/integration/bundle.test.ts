import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

/* The files in which the program is built (scripts/bundle.mjs). */

const builtins = new Set(builtinModules);
const dist = resolve('dist');
const chunks = readdirSync(join(dist, 'bundle'))
  .filter((name) => name.endsWith('.js'))
  .map((name) => `bundle/${name}`);
const files = [
  'cli/process.js',
  'app/worker-entry.js',
  'app/trial-thread.js',
  'app/vet-thread.js',
  ...chunks,
];
const codeOf = (file: string) => readFileSync(join(dist, file), 'utf8');

describe.each(files)('%s', (file) => {
  test('loads at once nothing but Node and other files of the bundle', () => {
    const loaded = [...codeOf(file).matchAll(/^(?:import|export)\b[^;]*?\bfrom "([^"]+)";$/gm)];
    const others = loaded.map(([, from = '']) => from).filter((from) => !/^(node:|\.)/.test(from));
    expect(others.filter((from) => !builtins.has(from))).toEqual([]);
  });

  test('starts threads from files that are there', () => {
    const urls = [...codeOf(file).matchAll(/new URL\("([^"]+\.js)", import\.meta\.url\)/g)];
    for (const [, url = ''] of urls)
      expect(existsSync(join(dist, file, '..', url)), url).toBe(true);
  });

  test('is kept by V8 at a byte a character', () => {
    expect(codeOf(file).match(/[^\0-\x7f]/)).toBeNull();
  });
});

test('asks for no package, whatever is used', () => {
  const all = files.map(codeOf).join('\n');
  const asked = [...all.matchAll(/\bimport\("([^"]+)"\)/g)].map(([, from = '']) => from);
  expect(asked.filter((from) => !/^(node:|\.)/.test(from) && !builtins.has(from))).toEqual([]);
});

/** The files that are loaded with the first one, without those that are loaded when they are used. */
function loadedWith(first: string, seen = new Set<string>()): Set<string> {
  if (seen.has(first)) return seen;
  seen.add(first);
  for (const [, from = ''] of codeOf(first).matchAll(/^(?:import|export)\b[^;]*?"(\.[^"]+)";$/gm))
    loadedWith(join(first, '..', from), seen);
  return seen;
}

test.each(['AutoScalingClient', 'WebClient'])('%s is loaded with its first use', (name) => {
  const holds = (file: string) =>
    new RegExp(`\\b(?:class ${name}|${name} = class)\\b`).test(codeOf(file));
  expect(files.some(holds)).toBe(true);
  const loaded = ['cli/process.js', 'app/worker-entry.js'].flatMap((file) => [...loadedWith(file)]);
  expect(loaded.filter(holds)).toEqual([]);
});

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

/* The files in which `jidoka serve` is built (scripts/bundle.mjs). */

const builtins = new Set(builtinModules);
const dist = resolve('dist');
const chunks = readdirSync(join(dist, 'bundle')).map((name) => `bundle/${name}`);
const files = [
  'cli/serve.js',
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

test('what only some engines use is loaded with its first use', () => {
  const all = files.map(codeOf).join('\n');
  for (const name of ['@aws-sdk/client-auto-scaling', '@aws-sdk/client-ec2', '@slack/web-api']) {
    expect(all).toContain(`import("${name}")`);
  }
  expect(all).not.toMatch(/require\("@(aws-sdk|slack)\//);
});

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

test('every built file that a script imports has its source', () => {
  const scripts = readdirSync('scripts', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.mjs'))
    .map((name) => join('scripts', name));
  const imported = scripts.flatMap((script) =>
    [...readFileSync(script, 'utf8').matchAll(/'((?:\.\.\/)+dist\/[^']+)\.js'/g)].map(
      ([, path = '']) => join(dirname(script), path).replace(/^dist/, 'src'),
    ),
  );
  expect(imported.length).toBeGreaterThan(10);
  const missing = imported.filter(
    (path) => !existsSync(`${path}.ts`) && !existsSync(`${path}.tsx`),
  );
  expect(missing).toEqual([]);
});

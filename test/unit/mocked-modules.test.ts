import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

test('a unit test that replaces a module does not share it with other files', () => {
  const shared = readdirSync('test/unit', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts') && !file.endsWith('.mocked.test.ts'))
    .filter((file) => file !== 'mocked-modules.test.ts');
  expect(shared.length).toBeGreaterThan(100);
  const replacing = shared.filter((file) =>
    readFileSync(`test/unit/${file}`, 'utf8').includes('vi.mock('),
  );
  expect(replacing).toEqual([]);
});

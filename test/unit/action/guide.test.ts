import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';

test('the action that docs/adding-an-action.md shows is the one that there is', async () => {
  const page = await readFile('docs/adding-an-action.md', 'utf8');
  expect(page).toContain(await readFile('src/action/swarm-restart.ts', 'utf8'));
});

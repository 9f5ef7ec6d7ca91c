import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runFiles } from '../../../../src/cli/test/run-files.js';

test('the playbook of docs/http-requests.md passes its tests under its policy', async () => {
  const page = await readFile('docs/http-requests.md', 'utf8');
  const folder = await mkdtemp(join(tmpdir(), 'jidoka-http-'));
  try {
    const blocks = [...page.matchAll(/```yaml\n# (\S+)\n([\s\S]*?)```/g)];
    expect(blocks.map(([, name]) => name)).toEqual([
      'policy.yaml',
      'rebuild-cache.yaml',
      'rebuild-cache.test.yaml',
    ]);
    for (const [, name = '', text = ''] of blocks) await writeFile(join(folder, name), text);
    const files = await runFiles({ paths: [folder], folder, policy: undefined, only: '' });
    expect(files.flatMap(({ findings }) => findings)).toEqual([]);
    const results = files.flatMap((file) => file.results);
    expect(results.map(({ differences }) => differences)).toEqual([[], []]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

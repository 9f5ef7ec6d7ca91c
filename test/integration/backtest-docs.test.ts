import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { writeFiles } from '../support/history.js';
import { runJidoka } from '../support/jidoka.js';

/* The example of docs/how-to/backtest.md is what happens. */

const document = readFileSync('docs/how-to/backtest.md', 'utf8');

/** The code blocks of a language, in their order. */
function blocks(language: string): string[] {
  const found = document.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\`$`, 'gm'));
  return [...found].map(([, text = '']) => text);
}

test('the example of the document prints what the document says', async () => {
  const [history = ''] = blocks('json');
  const [playbook = ''] = blocks('yaml');
  const [result = '', difference = ''] = blocks('text');
  const dir = await writeFiles({
    'history.jsonl': history,
    'playbooks/shop.yaml': playbook,
    'proposed/shop.yaml': playbook.replace('mode: auto', 'mode: approve'),
  });
  const args = ['backtest', '--history', 'history.jsonl', '--playbooks', 'playbooks'];
  expect(await runJidoka(args, {}, dir)).toEqual({ code: 0, stdout: result, stderr: '' });
  const compared = await runJidoka([...args, '--against', 'proposed'], {}, dir);
  expect(difference).not.toBe('');
  expect(compared.stdout).toContain(difference);
});

test('the options of the document are those of the command', async () => {
  const { stdout } = await runJidoka(['backtest', '--help']);
  const named = [...document.matchAll(/`(--[a-z]+)[^`]*`/g)].map(([, name = '']) => name);
  expect(named).toContain('--bounds');
  expect(named.filter((name) => name !== '--help' && !stdout.includes(name))).toEqual([]);
});

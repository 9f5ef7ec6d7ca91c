import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const path = fileURLToPath(new URL('../../README.md', import.meta.url));

/** The text of the README's code block that contains `part`; so the tests run what readers copy. */
export function readmeBlock(language: 'yaml' | 'sh', part: string): string {
  const blocks = readFileSync(path, 'utf8').matchAll(/^( *)```(\w+)\n([\s\S]*?)^\1```$/gm);
  for (const [, indent = '', name, text = ''] of blocks) {
    if (name === language && text.includes(part)) {
      return text.replaceAll(new RegExp(`^${indent}`, 'gm'), '');
    }
  }
  throw new Error(`the README has no ${language} block with ${part}`);
}

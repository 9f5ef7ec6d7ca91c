import { readFileSync } from 'node:fs';

/** The text of the README's code block that contains `part`; so the tests run what readers copy. */
export function readmeBlock(language: 'yaml' | 'sh', part: string): string {
  return documentBlock('README.md', language, part);
}

/** The text of a document's code block that contains `part`. */
export function documentBlock(document: string, language: 'yaml' | 'sh', part: string): string {
  const text = readFileSync(new URL(`../../${document}`, import.meta.url), 'utf8');
  const blocks = text.matchAll(/^( *)```(\w+)\n([\s\S]*?)^\1```$/gm);
  for (const [, indent = '', name, block = ''] of blocks) {
    if (name === language && block.includes(part)) {
      return block.replaceAll(new RegExp(`^${indent}`, 'gm'), '');
    }
  }
  throw new Error(`${document} has no ${language} block with ${part}`);
}

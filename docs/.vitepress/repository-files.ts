import { cpSync, mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { MarkdownOptions } from 'vitepress';

type MarkdownIt = Parameters<NonNullable<MarkdownOptions['config']>>[0];

const root = resolve(import.meta.dirname, '../..');
const linked = new Set<string>();

/** Points links to files of the repository outside `docs/` to the copies that the site carries. */
export function linkRepositoryFiles(md: MarkdownIt): void {
  md.core.ruler.push('repository_files', ({ tokens, env }) => {
    for (const token of tokens.flatMap(({ children }) => children ?? [])) {
      const href = token.attrGet('href');
      if (href === null || !href.startsWith('../')) continue;
      const path = join('docs', dirname(env.relativePath), href.replace(/#.*/, ''));
      if (path.startsWith('docs/')) continue;
      linked.add(path);
      token.attrSet('href', `/files/${path}.txt`);
      token.attrSet('target', '_blank');
    }
  });
}

/** Copies the files that pages link to into the built site, as text that a browser shows. */
export function copyRepositoryFiles(outDir: string): void {
  for (const path of linked) {
    const copy = join(outDir, 'files', `${path}.txt`);
    mkdirSync(dirname(copy), { recursive: true });
    cpSync(join(root, path), copy);
  }
}

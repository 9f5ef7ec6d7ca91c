import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/**
 * Checks that each link with an anchor leads to an element of the built site; VitePress itself
 * checks the pages only.
 * @throws an error that lists the links that do not
 */
export function checkAnchors(outDir: string): void {
  const pages = readdirSync(outDir, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.html'))
    .map((file) => ({ file, html: readFileSync(join(outDir, file), 'utf8') }));
  const targets = new Set(
    pages.flatMap(({ file, html }) =>
      [...html.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => `${file}#${id}`),
    ),
  );
  const dead = pages.flatMap(({ file, html }) =>
    [...html.matchAll(/href="([^"#:]*)#([^"]+)"/g)]
      .map(([, path = '', id = '']) => {
        const from = new URL(file, 'file:///');
        const page = relative('/', new URL(path === '' ? from : path, from).pathname);
        return `${page}#${decodeURIComponent(id)}`;
      })
      .filter((target) => !targets.has(target))
      .map((target) => `${file}: ${target}`),
  );
  if (dead.length > 0) throw new Error(`links to missing anchors:\n${dead.join('\n')}`);
}

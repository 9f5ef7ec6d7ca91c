import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Hono } from 'hono';

/** Where the pages find their stylesheet, their script and their icon. */
export interface Assets {
  readonly style: string;
  readonly script: string;
  readonly icon: string;
}

const folder = new URL('../../assets/', import.meta.url);
const types = { css: 'text/css', js: 'text/javascript', svg: 'image/svg+xml' } as const;

/**
 * The files in assets/, read once, each under a name that holds its hash: a browser may keep it for
 * ever, and an upgrade takes effect at once.
 */
export function createAssets(): { readonly assets: Assets; readonly routes: Hono } {
  const routes = new Hono();

  function add(extension: keyof typeof types): string {
    const body = readFileSync(new URL(`console.${extension}`, folder), 'utf8');
    const hash = createHash('sha256').update(body).digest('hex').slice(0, 12);
    const path = `/assets/console.${hash}.${extension}`;
    routes.get(path, (c) =>
      c.body(body, 200, {
        'content-type': `${types[extension]}; charset=utf-8`,
        'cache-control': 'public, max-age=31536000, immutable',
      }),
    );
    return path;
  }

  return { assets: { style: add('css'), script: add('js'), icon: add('svg') }, routes };
}

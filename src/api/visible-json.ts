import type { MiddlewareHandler } from 'hono';
import { visible } from '../lib/visible.js';

/**
 * Escapes in answers of JSON what a terminal would act on: people read them with curl, and `JSON.stringify`
 * leaves C1 controls and marks of direction as they are. The JSON stays the same.
 */
export const visibleJson: MiddlewareHandler = async (c, next) => {
  await next();
  if (c.res.headers.get('content-type')?.startsWith('application/json') !== true) return;
  const { status, headers } = c.res;
  c.res = new Response(visible(await c.res.text(), '\n'), { status, headers });
};

import type { Context } from 'hono';
import { parseJson, readBody } from './body.js';

const mostBytes = 64 * 1024;

/**
 * Reads what a caller of the API posted; `null`: it is too large.
 *
 * @throws InputError where it is no JSON.
 */
export async function readJson(
  c: Context,
  maxBytes = mostBytes,
): Promise<{ readonly value: unknown } | null> {
  const bytes = await readBody(c.req.raw, maxBytes);
  return bytes === null ? null : { value: parseJson(bytes) };
}

/** The answer to a body that is too large. */
export function tooLarge(c: Context, maxBytes = mostBytes): Response {
  return c.json({ error: `body: expected at most ${maxBytes} bytes` }, 413);
}

import type { Context } from 'hono';
import { parseJson, readBody } from '../lib/http/body.js';

const defaultMaxBytes = 64 * 1024;

/**
 * Reads what a caller of the API posted; `null`: it is too large.
 *
 * @throws InputError where it is no JSON.
 */
export async function readJson(
  c: Context,
  maxBytes = defaultMaxBytes,
): Promise<{ readonly value: unknown } | null> {
  const bytes = await readBody(c.req.raw, maxBytes);
  return bytes === null ? null : { value: parseJson(bytes) };
}

/** The answer to a body that is too large. */
export function tooLarge(c: Context, maxBytes = defaultMaxBytes): Response {
  return c.json({ error: `body: expected at most ${maxBytes} bytes` }, 413);
}

import type { z } from 'zod';
import { InputError } from '../lib/errors.js';
import type { ConsoleContext } from './visit.js';

/**
 * Reads the fields of a form that was posted. The forms of the console are all urlencoded; the other
 * encodings fail in ways of their own.
 *
 * @throws InputError for a body of another type.
 */
export async function readFields(c: ConsoleContext): Promise<Readonly<Record<string, unknown>>> {
  const type = c.req.header('content-type') ?? '';
  if (/^application\/x-www-form-urlencoded *(;|$)/i.test(type)) return c.req.parseBody();
  throw new InputError('body: expected a form (application/x-www-form-urlencoded)', 'body');
}

/**
 * Reads the fields of a form that was posted, by their schema.
 *
 * @throws InputError that names the first field at fault and what was expected.
 */
export async function readForm<Schema extends z.ZodType>(
  c: ConsoleContext,
  schema: Schema,
): Promise<z.output<Schema>> {
  const read = schema.safeParse(await readFields(c));
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const field = issue?.path.join('.') ?? '';
  throw new InputError(`${field}: ${issue?.message ?? 'expected something else'}`, field);
}

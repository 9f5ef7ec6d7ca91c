import type { z } from 'zod';
import { InputError } from '../errors.js';
import type { ConsoleContext } from './visit.js';

/**
 * The fields of a form that was posted, read by their schema.
 *
 * @throws InputError that says what was expected of the first field at fault.
 */
export async function readForm<Schema extends z.ZodType>(
  c: ConsoleContext,
  schema: Schema,
): Promise<z.output<Schema>> {
  const read = schema.safeParse(await c.req.parseBody());
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const field = issue?.path.join('.') ?? '';
  throw new InputError(`${field}: ${issue?.message ?? 'expected something else'}`, field);
}

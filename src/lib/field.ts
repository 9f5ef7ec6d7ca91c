import { z } from 'zod';
import { durationPattern, parseDuration } from './duration.js';
import { InputError } from './errors.js';

/**
 * A schema whose texts are read by a function; what the function throws about its input becomes an
 * issue, with the offset inside the text where the error has one.
 */
export function readWith<Input, Output>(schema: z.ZodType<Input>, read: (input: Input) => Output) {
  return schema.transform((input, context): Output => {
    try {
      return read(input);
    } catch (error) {
      const offset = offsetOf(error);
      if (offset === undefined && !(error instanceof InputError)) throw error;
      const { message } = error as Error;
      context.issues.push({ code: 'custom', message, input, params: { offset } });
      return z.NEVER;
    }
  });
}

/** Where in a text a fault is, as errors about matchers and expressions say it. */
function offsetOf(error: unknown): number | undefined {
  const isPlaced = error instanceof Error && 'offset' in error && typeof error.offset === 'number';
  return isPlaced ? (error.offset as number) : undefined;
}

/** A text that is not empty. */
export const textField = z.string().trim().min(1);

/** A duration of Prometheus, read into milliseconds. A bare number is taken for a forgotten unit, save 0. */
export const durationField = readWith(z.union([z.string(), z.number()]), (value) =>
  parseDuration(String(value)),
).meta({
  title: 'duration',
  anyOf: [{ type: 'string', pattern: durationPattern }, { const: 0 }],
});

/** A text; YAML's numbers and truth values are taken as they are written. */
const plainText = z
  .union([z.string(), z.number(), z.boolean()])
  .transform(String)
  .meta({ title: 'string' });

/** Labels or annotations. Zod leaves the key `__proto__` out of a record, so it is refused before. */
export const labelsField = z.preprocess(
  (value, context) => {
    if (typeof value === 'object' && value !== null && Object.hasOwn(value, '__proto__')) {
      context.addIssue({ code: 'custom', message: 'a test cannot use the label name __proto__' });
    }
    return value;
  },
  z.record(z.string(), plainText),
);

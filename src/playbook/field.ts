import { z } from 'zod';
import { MatcherError } from '../alert/matcher-error.js';
import { InputError } from '../errors.js';
import { durationPattern, parseDuration } from './duration.js';
import { ExpressionError } from './expression-error.js';
import type { IssueParams } from './issue.js';
import { parseLimit } from './limit.js';

/**
 * A schema whose texts are read by a function; what the function throws about its input becomes an
 * issue, with the offset inside the text where there is one.
 */
export function readWith<Input, Output>(schema: z.ZodType<Input>, read: (input: Input) => Output) {
  return schema.transform((input, context): Output => {
    try {
      return read(input);
    } catch (error) {
      const offset =
        error instanceof MatcherError || error instanceof ExpressionError
          ? error.offset
          : undefined;
      if (offset === undefined && !(error instanceof InputError)) throw error;
      const message = (error as Error).message;
      const params: IssueParams = { offset };
      context.issues.push({ code: 'custom', message, input, params: { ...params } });
      return z.NEVER;
    }
  });
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

/** The form of a limit as a regular expression, for a JSON Schema. */
export const limitPattern = '^\\s*[1-9]\\d{0,8}\\s+per\\s+\\S+\\s*$';

/** Limits on the number of runs: `[3 per 1h, 7 per 1d]`. */
export const limitsField = z.array(
  readWith(z.string(), parseLimit).meta({ title: 'limit', pattern: limitPattern }),
);

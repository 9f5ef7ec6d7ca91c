import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const editSchema = z.strictObject({
  file: z.string().startsWith('src/').describe('Where the protection is.'),
  text: z.string().min(1).describe('What is taken out; it must be there exactly once.'),
  instead: z.string().describe('What stands there instead.'),
});

const faultSchema = z.strictObject({
  fault: z.string().describe('The first cell of the row in docs/contributors/failure-modes.md.'),
  removals: z
    .array(
      z.strictObject({
        without: z.string().describe('The protection, in the words of the table.'),
        edits: z.array(editSchema).min(1),
      }),
    )
    .min(1),
});

/** A piece of the code, and what stands there when a protection is taken out. */
export type Edit = z.infer<typeof editSchema>;

/** A protection against a fault, and how to take it out of the code. */
export interface Removal {
  readonly fault: string;
  readonly without: string;
  readonly edits: readonly Edit[];
}

const folder = 'test/protections/removals';

/**
 * Reads every removal that there is.
 *
 * @throws for a file that does not have the form above.
 */
export function readRemovals(root: string): readonly Removal[] {
  return readdirSync(join(root, folder))
    .sort()
    .flatMap((name) => {
      const read = readFaults(join(root, folder, name));
      if (!read.success) throw new Error(`${folder}/${name}: ${z.prettifyError(read.error)}`);
      return read.data.flatMap(({ fault, removals }) =>
        removals.map((removal) => ({ fault, ...removal })),
      );
    });
}

function readFaults(path: string) {
  return z.array(faultSchema).safeParse(parse(readFileSync(path, 'utf8')));
}

/**
 * The code without a piece of it.
 *
 * @throws when the piece is not there exactly once: whoever moved it moves its removal, too.
 */
export function takeOut(code: string, { file, text, instead }: Edit): string {
  const pieces = code.split(text);
  if (pieces.length !== 2) {
    throw new Error(
      `${file}: expected "${text}" exactly once, found it ${pieces.length - 1} times: if the protection has moved, change its removal in ${folder}`,
    );
  }
  return pieces.join(instead);
}

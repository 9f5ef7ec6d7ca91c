import { z } from 'zod';

const text = z.string();

/** A playbook that was drafted from what a person did, with its tests. */
export const lessonDraftSchema = z.object({
  name: text,
  file: text.describe('Where it belongs, relative to the folder of the playbooks.'),
  text: text.describe('The playbook.'),
  testFile: text,
  testText: text.describe('Its tests.'),
  notes: z.array(text).readonly().describe('How it was made.'),
  warnings: z
    .array(text)
    .readonly()
    .describe('Errors of the draft. Jidoka does not accept a draft with errors.'),
  trial: text.nullable().describe('The result of the backtest; null while it runs.'),
});

/** What an escalation of kind `lesson` offers. */
export const lessonSchema = z
  .object({
    runId: text,
    questionId: text.describe('The question that the person answered.'),
    draft: lessonDraftSchema.nullable().describe('null until a person asks for it.'),
    written: text.nullable().describe('The file that it was written to.'),
    fault: text.nullable().describe('Why it could not be written.'),
  })
  .describe('An escalation of kind `lesson`: a suggested playbook.');

/** The body that accepts a draft. */
export const acceptSchema = z.strictObject({
  by: z.string().trim().min(1).max(100).describe('Who accepts it.'),
});

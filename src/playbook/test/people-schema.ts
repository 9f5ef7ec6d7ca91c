import { z } from 'zod';
import { durationField, textField } from '../../lib/field.js';

/** A person's click. */
export const personField = z.strictObject({
  at: durationField.describe('When the person clicks.'),
  by: textField.default('ada').describe('The name of the person.'),
  chooses: textField.meta({
    description: 'The label of the button.',
    examples: ['Approve', 'Scale web 2 → 3'],
  }),
  about: textField
    .optional()
    .describe('Part of the title of the message, where several open messages have the button.'),
});

/** A pause that a person set. */
export const pauseField = z
  .strictObject({
    at: durationField.default(0).describe('When it starts.'),
    for: durationField.optional().describe('How long it lasts. Default: until the end.'),
    playbook: textField.optional().describe('The paused playbook …'),
    target: textField.optional().describe('… or the target …'),
    direction: z
      .enum(['up', 'down'])
      .optional()
      .describe('… or one direction. Without any of them: everything.'),
  })
  .refine(
    ({ playbook, target, direction }) =>
      [playbook, target, direction].filter((scope) => scope !== undefined).length < 2,
    { error: 'expected at most one of "playbook", "target" and "direction"' },
  );

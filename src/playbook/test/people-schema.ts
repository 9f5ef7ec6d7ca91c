import { z } from 'zod';
import { durationField, textField } from '../field.js';

/** A person's click. */
export const personField = z.strictObject({
  at: durationField.describe('When the person clicks.'),
  by: textField.default('ada').describe('Who it is.'),
  chooses: textField.meta({
    description: 'The label of the button.',
    examples: ['Approve', 'Scale web 2 → 3'],
  }),
  about: textField
    .optional()
    .describe('A part of the title of the message, where several are open that have the button.'),
});

/** A pause that a person set. */
export const pauseField = z
  .strictObject({
    at: durationField.default(0).describe('When it begins.'),
    for: durationField.optional().describe('How long it lasts; left out, until the end.'),
    playbook: textField.optional().describe('The playbook that is paused …'),
    target: textField.optional().describe('… or the service or group …'),
    direction: z
      .enum(['up', 'down'])
      .optional()
      .describe('… or one direction; with none of them, everything.'),
  })
  .refine(
    ({ playbook, target, direction }) =>
      [playbook, target, direction].filter((scope) => scope !== undefined).length < 2,
    { error: 'expected at most one of "playbook", "target" and "direction"' },
  );

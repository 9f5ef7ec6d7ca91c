import { Hono } from 'hono';
import { z } from 'zod';
import type { PauseScope } from '../../guard/pause.js';
import { parseDuration } from '../../lib/duration.js';
import { InputError } from '../../lib/errors.js';
import { nearestWord } from '../../playbook/problem.js';
import { back } from '../back.js';
import { readForm } from '../form-fields.js';
import type { ConsoleParts } from '../parts.js';
import { type ConsoleEnv, deciderOf } from '../visit.js';

const scopeFields = {
  of: z.enum(['everything', 'playbook', 'target', 'up', 'down']),
  name: z.string().trim().max(1_000).default(''),
};
const pauseSchema = z.object({
  ...scopeFields,
  for: z.enum(['30m', '1h', '4h', '1d', '']),
  why: z
    .string()
    .trim()
    .min(1, 'expected a reason; Jidoka shows it with everything that the pause defers')
    .max(500),
});
const liftSchema = z.object(scopeFields);

/** What the console does with pauses, and with what has tripped. Each leads back to where it was asked for. */
export function createPauseActions({
  pauses,
  resets,
  active,
}: Pick<ConsoleParts, 'pauses' | 'resets' | 'active'>): Hono<ConsoleEnv> {
  const actions = new Hono<ConsoleEnv>();

  actions.post('/pauses', async (c) => {
    const { why, for: length, ...given } = await readForm(c, pauseSchema);
    const scope = scopeOf(given);
    checkPlaybook(scope);
    const forMs = length === '' ? null : parseDuration(length);
    await pauses.set(scope, { by: deciderOf(c), why, forMs });
    return back(c);
  });

  actions.post('/pauses/lift', async (c) => {
    const scope = scopeOf(await readForm(c, liftSchema));
    await pauses.lift(scope, { by: deciderOf(c) });
    return back(c);
  });

  actions.post('/blast-radius/reset', async (c) => {
    await resets.resetBlastRadius({ by: deciderOf(c) });
    return back(c);
  });

  actions.post('/breakers/:playbook/reset', async (c) => {
    await resets.resetBreaker(c.req.param('playbook'), { by: deciderOf(c) });
    return back(c);
  });

  /** A pause of a playbook that is mistyped would be no pause. */
  function checkPlaybook(scope: PauseScope): void {
    if (scope.of !== 'playbook') return;
    const names = active().library.playbooks.map(({ name }) => name);
    if (names.includes(scope.name)) return;
    const nearest = nearestWord(scope.name, names);
    const meant = nearest === undefined ? '' : `; did you mean "${nearest}"?`;
    throw new InputError(`There is no playbook "${scope.name}"${meant}`, 'name');
  }

  return actions;
}

/** @throws InputError for a part without its name. */
function scopeOf({ of, name }: z.output<typeof liftSchema>): PauseScope {
  switch (of) {
    case 'everything':
      return { of };
    case 'up':
    case 'down':
      return { of: 'direction', name: of };
    case 'playbook':
    case 'target':
      if (name === '') throw new InputError(`name: expected the name of the ${of}`, 'name');
      return { of, name };
  }
}

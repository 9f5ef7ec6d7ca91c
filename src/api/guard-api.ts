import { type Context, Hono } from 'hono';
import type { z } from 'zod';
import type { ActivePlaybooks } from '../engine/context/context.js';
import type { TargetFit } from '../engine/reading/target-fit.js';
import type { PauseScope } from '../guard/pause.js';
import type { Pauses } from '../guard/pauses.js';
import type { Resets } from '../guard/resets.js';
import { InputError } from '../lib/errors.js';
import { unknownPlaybook } from '../playbook/problem.js';
import {
  type blastRadiusSchema,
  type breakerSchema,
  type breakersSchema,
  liftSchema,
  newPauseSchema,
  type pauseSchema,
  type pausesSchema,
  resetSchema,
  type setPauseSchema,
  type targetFitSchema,
  targetQuerySchema,
} from './guard-schema.js';
import { readJson, tooLarge } from './json-body.js';
import { readFields } from './request-schema.js';

interface GuardApiParts {
  readonly pauses: Pauses;
  readonly resets: Resets;
  readonly active: () => Pick<ActivePlaybooks, 'library'>;
  /** Whether a name is one of a target. Never throws. */
  readonly targetFit: (name: string) => Promise<TargetFit>;
}

/** The part of `/api/v1` by which people pause, and reset what has tripped. Bad input is thrown as InputError. */
export function createGuardApi({ pauses, resets, active, targetFit }: GuardApiParts): Hono {
  const api = new Hono();

  api.get('/api/v1/pauses', async (c) =>
    c.json({ items: await pauses.list() } satisfies z.output<typeof pausesSchema>),
  );
  api.post('/api/v1/pauses', async (c) => {
    const body = await readJson(c);
    if (body === null) return tooLarge(c);
    const { by, why, for: forMs = null, ...scope } = readFields(newPauseSchema, body.value);
    checkPlaybook(scope);
    const pause = await pauses.set(scope, { by, why, forMs });
    if (pause.of !== 'target') return c.json(pause satisfies z.output<typeof pauseSchema>);
    // paused first: an emergency waits for no list of targets
    const fit = await targetFit(pause.name);
    return c.json({ ...pause, target: fit } satisfies z.output<typeof setPauseSchema>);
  });
  api.post('/api/v1/pauses/lift', async (c) => {
    const body = await readJson(c);
    if (body === null) return tooLarge(c);
    const { by, ...scope } = readFields(liftSchema, body.value);
    const lifted = await pauses.lift(scope, { by });
    return lifted === null ? missing(c, 'it is not paused') : c.json(lifted);
  });

  api.get('/api/v1/targets/fit', async (c) => {
    const { name } = readFields(targetQuerySchema, c.req.query());
    return c.json((await targetFit(name)) satisfies z.output<typeof targetFitSchema>);
  });

  api.get('/api/v1/blast-radius', async (c) =>
    c.json({ tripped: await resets.tripped() } satisfies z.output<typeof blastRadiusSchema>),
  );
  api.post('/api/v1/blast-radius/reset', async (c) => {
    const body = await readJson(c);
    if (body === null) return tooLarge(c);
    const trip = await resets.resetBlastRadius(readFields(resetSchema, body.value));
    if (trip === null) return missing(c, 'the blast radius has not tripped');
    return c.json({ tripped: null } satisfies z.output<typeof blastRadiusSchema>);
  });

  api.get('/api/v1/breakers', async (c) =>
    c.json({ items: await resets.openBreakers() } satisfies z.output<typeof breakersSchema>),
  );
  api.post('/api/v1/breakers/:id/reset', async (c) => {
    const body = await readJson(c);
    if (body === null) return tooLarge(c);
    const playbook = c.req.param('id');
    const breaker = await resets.resetBreaker(playbook, readFields(resetSchema, body.value));
    if (breaker === null)
      return missing(c, `the breaker of ${JSON.stringify(playbook)} is not open`);
    return c.json(breaker satisfies z.output<typeof breakerSchema>);
  });

  /** A pause of a playbook that is mistyped would be no pause. */
  function checkPlaybook(scope: PauseScope): void {
    if (scope.of !== 'playbook') return;
    const { library } = active();
    if (library.named(scope.name) !== undefined) return;
    throw new InputError(`name: ${unknownPlaybook(scope.name, library)}`, 'name');
  }

  return api;
}

function missing(c: Context, error: string): Response {
  return c.json({ error }, 404);
}

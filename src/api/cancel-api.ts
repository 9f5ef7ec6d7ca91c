import { Hono } from 'hono';
import type { CancelResult, GivenCancel } from '../engine/people/cancel.js';
import { describeCancelled } from '../escalation/describe-cancelled.js';
import type { Ledger } from '../ledger/ledger.js';
import { createPages } from '../ledger/pages.js';
import { missing } from './answered.js';
import { readJson, tooLarge } from './json-body.js';
import { cancelSchema, readFields } from './request-schema.js';
import { runView } from './views.js';

interface CancelApiParts {
  readonly ledger: Ledger;
  /** @throws what Redis throws. */
  readonly cancel: (given: GivenCancel) => Promise<CancelResult>;
}

/** The part of `/api/v1` by which people cancel a run. Bad input is thrown as InputError. */
export function createCancelApi({ ledger, cancel }: CancelApiParts): Hono {
  const pages = createPages({ ledger });
  const api = new Hono();

  api.post('/api/v1/runs/:id/cancel', async (c) => {
    const body = await readJson(c);
    if (body === null) return tooLarge(c);
    const { by, comment } = readFields(cancelSchema, body.value);
    const id = c.req.param('id');
    const result = await cancel({ id, person: { via: 'api', name: by }, comment });
    if (result.kind === 'not_allowed') return c.json({ error: result.why }, 403);
    const run = result.kind === 'unknown_run' ? null : await pages.run(id);
    if (result.kind === 'unknown_run' || run === null) return missing(c, 'run');
    if (result.kind === 'cancelled') return c.json(runView(run));
    return c.json({ error: `too late: ${describeCancelled(result.run)}`, run: runView(run) }, 409);
  });

  return api;
}

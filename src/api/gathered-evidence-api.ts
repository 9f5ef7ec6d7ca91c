import { type Context, Hono } from 'hono';
import type { z } from 'zod';
import { lookUpEvidence } from '../evidence/look-up.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Clock } from '../lib/clock.js';
import { missing } from './answered.js';
import type { evidenceAnswerSchema } from './gathered-evidence-schema.js';

/** The part of `/api/v1` that shows what was found about escalations and runs. */
export function createGatheredEvidenceApi({
  ledger,
  clock,
}: {
  readonly ledger: Ledger;
  readonly clock: Clock;
}): Hono {
  const api = new Hono();

  async function show(
    c: Context,
    about: { readonly id: string; readonly endedAtMs: number | null },
  ) {
    const evidence = await lookUpEvidence(ledger, about, clock.now());
    return c.json({ evidence } satisfies z.output<typeof evidenceAnswerSchema>);
  }

  api.get('/api/v1/escalations/:id/evidence', async (c) => {
    const escalation = await ledger.escalation(c.req.param('id'));
    return escalation === null ? missing(c, 'escalation') : show(c, escalation.value);
  });

  api.get('/api/v1/runs/:id/evidence', async (c) => {
    const run = await ledger.run(c.req.param('id'));
    return run === null ? missing(c, 'run') : show(c, run.value);
  });

  return api;
}

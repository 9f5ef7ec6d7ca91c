import { Hono } from 'hono';
import type { z } from 'zod';
import type { ActivePlaybooks } from '../engine/context/context.js';
import type { PlaybookStatus, PlaybookStatuses } from '../engine/reports/playbook-status.js';
import { ranOf, tookOf } from '../ledger/playbook-stats-reads.js';
import { InputError } from '../lib/errors.js';
import {
  type playbookStandingSchema,
  standingQuerySchema,
  type standingSchema,
  standingsQuerySchema,
  type standingsSchema,
} from './evidence-schema.js';
import { readFields } from './request-schema.js';
import { playbookView } from './views.js';

interface PlaybooksApiParts {
  readonly standings: PlaybookStatuses;
  readonly active: () => Pick<ActivePlaybooks, 'library' | 'hash'>;
}

/** The part of `/api/v1` that shows playbooks: as they were written, what came of them, and what holds them. */
export function createPlaybooksApi({ standings, active }: PlaybooksApiParts): Hono {
  const api = new Hono();

  api.get('/api/v1/playbooks', async (c) => {
    const { limit, before, days } = readFields(standingsQuerySchema, c.req.query());
    const { library, hash } = active();
    const start = before === undefined ? 0 : placeAfter(library.playbooks, before);
    const page = library.playbooks.slice(start, start + limit);
    const isLast = start + limit >= library.playbooks.length;
    const items = (await standings.of(page, days)).map(standingView);
    const next = isLast ? null : (page.at(-1)?.name ?? null);
    return c.json({ hash, items, next } satisfies z.output<typeof standingsSchema>);
  });

  api.get('/api/v1/playbooks/:id', async (c) => {
    const { days } = readFields(standingQuerySchema, c.req.query());
    const name = c.req.param('id');
    const playbook = active().library.named(name);
    const [standing] = playbook === undefined ? [] : await standings.of([playbook], days);
    if (playbook === undefined || standing === undefined) {
      return c.json({ error: `no playbook is named ${JSON.stringify(name)}` }, 404);
    }
    const runs = await standings.latestRuns(name);
    const targets = await standings.onTargets(playbook, runs);
    const latestRuns = runs.map(({ id }) => id);
    const view = { ...standingView(standing), targets, latestRuns };
    return c.json(view satisfies z.output<typeof playbookStandingSchema>);
  });

  return api;
}

function placeAfter(playbooks: readonly { readonly name: string }[], before: string): number {
  const place = playbooks.findIndex(({ name }) => name === before);
  if (place >= 0) return place + 1;
  throw new InputError('before: expected the "next" of an earlier page of this list', 'before');
}

function standingView(standing: PlaybookStatus): z.output<typeof standingSchema> {
  const { playbook, evidence, allowances, windows, pauses, failures, breaker } = standing;
  const { cooldownMs, limits } = playbook.guards;
  return {
    ...playbookView(playbook),
    evidence: { ...evidence, ran: ranOf(evidence.total), took: tookOf(evidence.total) },
    guards: {
      cooldownMs,
      limits: limits.map(({ text }) => text),
      allowances,
      windows,
      paused: pauses.length > 0,
      failures,
      breakerOpen: breaker !== null,
    },
  };
}

import { Hono } from 'hono';
import type { z } from 'zod';
import type { ActivePlaybooks } from '../engine/context/context.js';
import { reportOf } from '../engine/reports/report.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Clock } from '../lib/clock.js';
import { reportQuerySchema, type reportSchema } from './evidence-schema.js';
import { readFields } from './request-schema.js';

interface ReportApiParts {
  readonly ledger: Ledger;
  readonly active: () => Pick<ActivePlaybooks, 'policy'>;
  readonly clock: Clock;
}

/** `GET /api/v1/report`: what became of the alerts of some days. */
export function createReportApi({ ledger, active, clock }: ReportApiParts): Hono {
  const api = new Hono();
  api.get('/api/v1/report', async (c) => {
    const { days } = readFields(reportQuerySchema, c.req.query());
    const report = await reportOf(ledger, active().policy, { days, nowMs: clock.now() });
    return c.json(report satisfies z.output<typeof reportSchema>);
  });
  return api;
}

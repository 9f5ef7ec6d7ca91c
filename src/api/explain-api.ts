import { Hono } from 'hono';
import { prettyJSON } from 'hono/pretty-json';
import { readGivenAlerts } from '../alertmanager/given-alerts.js';
import type { Explanation } from '../engine/explain/explanation.js';
import type { Question } from '../engine/explain/question.js';
import type { Clock } from '../lib/clock.js';
import { explainQuerySchema, type ShownExplanation } from './explain-schema.js';
import { explanationView } from './explain-view.js';
import { readJson, tooLarge } from './json-body.js';
import { readFields } from './request-schema.js';

/** Larger than other bodies: a whole notification is welcome. */
const maxBytes = 1024 * 1024;

interface ExplainApiParts {
  /** @throws InputError for a playbook that there is not; whatever else keeps it from being answered. */
  readonly explain: (question: Question) => Promise<readonly Explanation[]>;
  readonly clock: Clock;
}

/** The part of `/api/v1` that says what would be done about an alert, and why. Changes nothing. */
export function createExplainApi({ explain, clock }: ExplainApiParts): Hono {
  const api = new Hono();
  api.use('/api/v1/explain', prettyJSON({ force: true }));
  api.post('/api/v1/explain', async (c) => {
    const { playbook, source, all } = readFields(explainQuerySchema, c.req.query());
    const body = await readJson(c, maxBytes);
    if (body === null) return tooLarge(c, maxBytes);
    const given = readGivenAlerts(body.value, clock.now());
    const alerts = source === undefined ? given : given.map((alert) => ({ ...alert, source }));
    const explanations = await explain({ alerts, playbook, all: all === 'true' });
    const items = explanations.map(explanationView);
    return c.json({ items } satisfies { items: readonly ShownExplanation[] });
  });
  return api;
}

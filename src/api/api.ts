import { type Context, Hono } from 'hono';
import { prettyJSON } from 'hono/pretty-json';
import type { GivenAnswer } from '../engine/people/answer.js';
import type { AnswerResult } from '../engine/people/answer-result.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Page } from '../ledger/pages.js';
import { createPages, type RecordsRequest } from '../ledger/pages.js';
import { answered, missing } from './answered.js';
import { readJson, tooLarge } from './json-body.js';
import { openApiDocument } from './openapi.js';
import { answerSchema, pageQuerySchema, readFields, recordsQuerySchema } from './request-schema.js';
import { alertView, auditView, escalationView, runView } from './views.js';

interface ApiParts {
  readonly ledger: Ledger;
  readonly answer: (answer: GivenAnswer) => Promise<AnswerResult>;
}

/**
 * `/api/v1`: what the ledger holds, for people and their programs, and the one thing that they may
 * change: the answer to an escalation. Bad input is thrown as InputError.
 */
export function createApi({ ledger, answer }: ApiParts): Hono {
  const pages = createPages({ ledger });
  const api = new Hono();
  const document = openApiDocument();
  // people read it in a terminal
  api.use('/api/v1/*', prettyJSON({ force: true }));

  api.get('/api/v1/openapi.json', (c) => c.json(document));

  api.get('/api/v1/alerts', async (c) =>
    c.json(shown(await pages.episodes(recordsRequest(c)), alertView)),
  );
  api.get('/api/v1/alerts/:id', async (c) => {
    const episode = await ledger.episodeById(c.req.param('id'));
    return episode === null ? missing(c, 'alert') : c.json(alertView(episode));
  });

  api.get('/api/v1/runs', async (c) => c.json(shown(await pages.runs(recordsRequest(c)), runView)));
  api.get('/api/v1/runs/:id', async (c) => {
    const run = await pages.run(c.req.param('id'));
    return run === null ? missing(c, 'run') : c.json(runView(run));
  });

  api.get('/api/v1/escalations', async (c) =>
    c.json(shown(await pages.escalations(recordsRequest(c)), escalationView)),
  );
  api.get('/api/v1/escalations/:id', async (c) => {
    const escalation = await pages.escalation(c.req.param('id'));
    return escalation === null ? missing(c, 'escalation') : c.json(escalationView(escalation));
  });
  api.post('/api/v1/escalations/:id/answer', async (c) => {
    const body = await readJson(c);
    if (body === null) return tooLarge(c);
    const { choice, by, comment } = readFields(answerSchema, body.value);
    const person = { via: 'api', name: by } as const;
    const given = { id: c.req.param('id'), choiceId: choice, person, comment };
    return answered(c, await answer(given), choice);
  });

  api.get('/api/v1/audit', async (c) => {
    const { limit, before } = readFields(pageQuerySchema, c.req.query());
    return c.json(shown(await pages.audit({ limit, before }), auditView));
  });

  return api;
}

function recordsRequest(c: Context): RecordsRequest {
  const { limit, before, state } = readFields(recordsQuerySchema, c.req.query());
  return { limit, before, openOnly: state === 'open' };
}

function shown<Item, View>({ items, next }: Page<Item>, view: (item: Item) => View) {
  return { items: items.map(view), next };
}

import { Hono } from 'hono';
import type { z } from 'zod';
import type { GivenAnswer } from '../engine/people/answer.js';
import type { AnswerResult } from '../engine/people/answer-result.js';
import type { Ledger } from '../ledger/ledger.js';
import { answered, missing } from './answered.js';
import { readJson, tooLarge } from './json-body.js';
import { acceptSchema, type lessonDraftSchema } from './lesson-schema.js';
import { readFields } from './request-schema.js';

interface LessonApiParts {
  readonly ledger: Ledger;
  /** @throws what Redis throws. */
  readonly answer: (answer: GivenAnswer) => Promise<AnswerResult>;
}

/**
 * The part of `/api/v1` that shows the playbook that can be made of what a person did, and makes it. Bad
 * input is thrown as InputError.
 */
export function createLessonApi({ ledger, answer }: LessonApiParts): Hono {
  const api = new Hono();
  const path = '/api/v1/escalations/:id/playbook';

  api.get(path, async (c) => {
    const lesson = (await ledger.escalation(c.req.param('id')))?.value.lesson;
    if (lesson === undefined) return missing(c, 'offer of a playbook');
    if (lesson.draft === null) {
      const error =
        'no draft exists yet: request it with POST …/answer {"choice": "draft"}, or accept it unseen with POST here';
      return c.json({ error }, 409);
    }
    return c.json(lesson.draft satisfies z.output<typeof lessonDraftSchema>);
  });

  api.post(path, async (c) => {
    const body = await readJson(c);
    if (body === null) return tooLarge(c);
    const { by } = readFields(acceptSchema, body.value);
    const id = c.req.param('id');
    const person = { via: 'api', name: by } as const;
    let offer = (await ledger.escalation(id))?.value;
    if (offer?.lesson === undefined) return missing(c, 'offer of a playbook');
    if (offer.lesson.draft === null) {
      const drafted = await answer({ id, choiceId: 'draft', person });
      if (drafted.kind !== 'accepted') return answered(c, drafted, 'draft');
      offer = drafted.escalation;
    }
    const choiceId = offer.choices?.find(({ does }) => does.kind === 'learn')?.id ?? 'accept';
    return answered(c, await answer({ id, choiceId, person }), choiceId);
  });

  return api;
}

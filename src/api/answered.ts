import type { Context } from 'hono';
import type { AnswerResult } from '../engine/people/answer-result.js';
import { describeClosed } from '../slack/describe-closed.js';
import { escalationView } from './views.js';

/** What came of an answer to an escalation, as the API says it. */
export function answered(c: Context, result: AnswerResult, choiceId: string): Response {
  switch (result.kind) {
    case 'accepted':
      return c.json({ escalation: escalationView(result.escalation) });
    case 'too_late':
      return c.json(
        {
          error: `too late: ${describeClosed(result.escalation)}`,
          escalation: escalationView(result.escalation),
        },
        409,
      );
    case 'not_allowed':
      return c.json({ error: result.why }, 403);
    case 'not_done':
      return c.json({ error: result.why }, 422);
    case 'unknown_choice': {
      const known = result.choices.map(({ id, label }) => `${JSON.stringify(id)} (${label})`);
      const expected =
        known.length === 0
          ? 'the choices are not ready yet; try again in a moment'
          : `expected one of ${known.join(', ')}`;
      const error = `choice: ${expected}, got ${JSON.stringify(choiceId)}`;
      return c.json({ error, path: 'choice' }, 400);
    }
    case 'unknown_escalation':
      return missing(c, 'escalation');
  }
}

/** The answer to an id that is not known. */
export function missing(c: Context, what: string): Response {
  return c.json({ error: `no ${what} has the ID ${JSON.stringify(c.req.param('id'))}` }, 404);
}

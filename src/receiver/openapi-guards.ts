import { guarded, idParameter, json, ref, refusal } from './openapi-parts.js';

/** The paths by which people pause, and reset what has tripped. */
export const guardPaths = {
  '/api/v1/pauses': {
    get: guarded('The pauses that last, the oldest first.', { 200: json('All.', ref('Pauses')) }),
    post: posting('Halts everything, a playbook, a target or a direction.', 'NewPause', {
      200: json('It is paused.', ref('Pause')),
    }),
  },
  '/api/v1/pauses/lift': {
    post: posting('Lifts a pause.', 'Lift', {
      200: json('The pause that is no more.', ref('Pause')),
      404: refusal('It is not paused.'),
    }),
  },
  '/api/v1/blast-radius': {
    get: guarded('Whether the blast radius has tripped.', {
      200: json('How it stands.', ref('BlastRadius')),
    }),
  },
  '/api/v1/blast-radius/reset': {
    post: posting('Lets automatic runs go on after the blast radius tripped.', 'Reset', {
      200: json('How it stands now.', ref('BlastRadius')),
      404: refusal('It has not tripped.'),
    }),
  },
  '/api/v1/breakers': {
    get: guarded('The open breakers, the oldest first.', { 200: json('All.', ref('Breakers')) }),
  },
  '/api/v1/breakers/{id}/reset': {
    parameters: [idParameter],
    post: posting('Lets a playbook (its name is the id) act by itself again.', 'Reset', {
      200: json('The breaker that is closed now.', ref('Breaker')),
      404: refusal('Its breaker is not open.'),
    }),
  },
};

function posting(summary: string, body: string, responses: Readonly<Record<number, object>>) {
  return {
    requestBody: { required: true, content: { 'application/json': { schema: ref(body) } } },
    ...guarded(summary, {
      ...responses,
      400: refusal('The body could not be read; says where.'),
      413: refusal('The body is too large.'),
      415: refusal('The body is not declared as JSON.'),
    }),
  };
}

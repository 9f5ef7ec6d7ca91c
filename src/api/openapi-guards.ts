import { guarded, idParameter, json, ref, refusal } from './openapi-parts.js';

const targetName = {
  name: 'name',
  in: 'query',
  required: true,
  schema: { type: 'string' },
  description: 'The name or id of a target.',
};

/** The paths by which people pause, and reset what has tripped. */
export const guardPaths = {
  '/api/v1/pauses': {
    get: guarded('Lists pauses, the oldest first.', { 200: json('All.', ref('Pauses')) }),
    post: posting('Pauses everything, a playbook, a target or a direction.', 'NewPause', {
      200: json('The pause is set, whether the target exists or not.', ref('SetPause')),
    }),
  },
  '/api/v1/targets/fit': {
    parameters: [targetName],
    get: guarded('Tells whether a service, a node or a group has this name or ID.', {
      200: json('The result, with the nearest name.', ref('TargetFit')),
      400: refusal('The parameter name is missing.'),
    }),
  },
  '/api/v1/pauses/lift': {
    post: posting('Lifts a pause.', 'Lift', {
      200: json('The lifted pause.', ref('Pause')),
      404: refusal('No such pause exists.'),
    }),
  },
  '/api/v1/blast-radius': {
    get: guarded('Tells whether the blast radius is exceeded.', {
      200: json('Its status.', ref('BlastRadius')),
    }),
  },
  '/api/v1/blast-radius/reset': {
    post: posting('Resets the blast radius, so that automatic runs start again.', 'Reset', {
      200: json('Its new status.', ref('BlastRadius')),
      404: refusal('The blast radius is not exceeded.'),
    }),
  },
  '/api/v1/breakers': {
    get: guarded('Lists open circuit breakers, the oldest first.', {
      200: json('All.', ref('Breakers')),
    }),
  },
  '/api/v1/breakers/{id}/reset': {
    parameters: [idParameter],
    post: posting(
      'Resets the circuit breaker of a playbook. The ID is the name of the playbook.',
      'Reset',
      {
        200: json('The closed circuit breaker.', ref('Breaker')),
        404: refusal('The circuit breaker is not open.'),
      },
    ),
  },
};

function posting(summary: string, body: string, responses: Readonly<Record<number, object>>) {
  return {
    requestBody: { required: true, content: { 'application/json': { schema: ref(body) } } },
    ...guarded(summary, {
      ...responses,
      400: refusal('The body is not valid. The answer names the place.'),
      413: refusal('The body is too large.'),
      415: refusal('The content type is not application/json.'),
    }),
  };
}

import { reportQuerySchema, standingQuerySchema, standingsQuerySchema } from './evidence-schema.js';
import { guarded, idParameter, json, parametersOf, ref, refusal } from './openapi-parts.js';

/** The paths that show what came of playbooks and alerts. */
export const evidencePaths = {
  '/api/v1/playbooks': {
    get: {
      ...guarded('Lists the playbooks in matching order, with their stats and open guards.', {
        200: json('A page of the active set.', ref('Playbooks')),
        400: refusal('A parameter is not valid.'),
      }),
      parameters: parametersOf(standingsQuerySchema),
    },
  },
  '/api/v1/playbooks/{id}': {
    parameters: [idParameter],
    get: {
      ...guarded('Returns one playbook with its latest runs and the guards of their targets.', {
        200: json('It.', ref('Playbook')),
        400: refusal('A parameter is not valid.'),
        404: refusal('The active set has no playbook with this name.'),
      }),
      parameters: parametersOf(standingQuerySchema),
    },
  },
  '/api/v1/report': {
    get: {
      ...guarded(
        'Reports how alerts ended: the auto-remediated share, the time saved, and the top escalated alerts. Jidoka counts an alert a minute after its end.',
        {
          200: json('The report.', ref('Report')),
          400: refusal('A parameter is not valid.'),
        },
      ),
      parameters: parametersOf(reportQuerySchema),
    },
  },
};

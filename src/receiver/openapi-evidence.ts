import { reportQuerySchema, standingQuerySchema, standingsQuerySchema } from './evidence-schema.js';
import { guarded, idParameter, json, parametersOf, ref, refusal } from './openapi-parts.js';

/** The paths that show what came of playbooks and alerts. */
export const evidencePaths = {
  '/api/v1/playbooks': {
    get: {
      ...guarded(
        'The playbooks, in the order in which they are tried, with what came of them and what holds them.',
        {
          200: json('A page of the active set.', ref('Playbooks')),
          400: refusal('A parameter is at fault.'),
        },
      ),
      parameters: parametersOf(standingsQuerySchema),
    },
  },
  '/api/v1/playbooks/{id}': {
    parameters: [idParameter],
    get: {
      ...guarded(
        'One playbook by its name, with its latest runs and what it may do to their targets.',
        {
          200: json('It.', ref('Playbook')),
          400: refusal('A parameter is at fault.'),
          404: refusal('There is none of this name in the active set.'),
        },
      ),
      parameters: parametersOf(standingQuerySchema),
    },
  },
  '/api/v1/report': {
    get: {
      ...guarded(
        'What became of the alerts of some days: the share that the machine resolved, the minutes that saved, and what reached people most often. An alert is counted a minute after it is over.',
        {
          200: json('The report.', ref('Report')),
          400: refusal('A parameter is at fault.'),
        },
      ),
      parameters: parametersOf(reportQuerySchema),
    },
  },
};

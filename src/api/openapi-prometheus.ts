import { guarded, json, parametersOf, plain, ref, refusal } from './openapi-parts.js';
import { servicesQuerySchema } from './services-schema.js';

const unknown =
  'No worker sees the services of the Swarm at present. Prometheus keeps what it has.';

/** The paths that Prometheus, and the program beside it, ask. A viewer token suffices. */
export const prometheusPaths = {
  '/prometheus/rules': {
    get: reading('Returns the rule file that derives from the labels of services.', {
      200: {
        description: 'One group for each service. `ETag` tells versions apart.',
        content: { 'application/yaml': { schema: { type: 'string' } } },
      },
      304: plain('The version in `If-None-Match` is the present one.'),
    }),
  },
  '/prometheus/targets': {
    get: reading(
      'Returns the running tasks that services ask to be scraped, for `http_sd_configs`.',
      {
        200: json('One target for each task.', { type: 'array', items: { type: 'object' } }),
        304: plain('The version in `If-None-Match` is the present one.'),
      },
    ),
  },
  '/api/v1/services': {
    get: {
      ...reading(
        'Lists what services say about themselves, and for each of their alerts whether it reaches a playbook that may act. Changes nothing.',
        { 200: json('Services, by name.', ref('DescribedServices')) },
      ),
      parameters: parametersOf(servicesQuerySchema),
    },
  },
  '/prometheus/refused': {
    post: {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: ref('RefusedRules') } },
      },
      ...guarded('Reports the rules that Prometheus refuses, to their services.', {
        200: json('The report counts in place of the earlier one.', { type: 'object' }),
        400: refusal('The report is not valid.'),
        413: refusal('The body is too large.'),
        415: refusal('The content type is not application/json.'),
      }),
    },
  },
};

function reading(summary: string, responses: Readonly<Record<number, object>>) {
  const operation = guarded(summary, responses);
  return { ...operation, responses: { ...operation.responses, 503: refusal(unknown) } };
}

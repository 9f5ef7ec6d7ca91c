import type { z } from 'zod';
import { explainQuerySchema } from './explain-schema.js';
import { guarded, json, jsonSchema, ref, refusal } from './openapi-parts.js';

/** The path that says what would be done about an alert, and why. */
export const explainPaths = {
  '/api/v1/explain': {
    post: {
      parameters: Object.entries(explainQuerySchema.shape).map(([name, schema]) => ({
        name,
        in: 'query',
        schema: jsonSchema(schema as z.ZodType),
      })),
      requestBody: {
        required: true,
        description:
          "A webhook body of Alertmanager, one of its alerts, alerts of Alertmanager's /api/v2/alerts, or labels alone; at most 50 alerts.",
        content: {
          'application/json': { schema: { anyOf: [{ type: 'object' }, { type: 'array' }] } },
        },
      },
      ...guarded('Simulates alerts: what Jidoka would do now, and why. Changes nothing.', {
        200: json('One explanation for each alert.', ref('Explanations')),
        400: refusal(
          'The alerts are not valid, or no playbook has this name. The body names the place.',
        ),
        413: refusal('The body is larger than 1 MiB.'),
        415: refusal('The content type is not application/json.'),
      }),
    },
  },
};

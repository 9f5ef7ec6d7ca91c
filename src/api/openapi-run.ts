import { guarded, idParameter, json, ref, refusal } from './openapi-parts.js';

/** The path by which people run a playbook. */
export const runPaths = {
  '/api/v1/playbooks/{id}/run': {
    parameters: [idParameter],
    post: {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: ref('RunPlaybook') } },
      },
      ...guarded('Runs a playbook by hand. Guards and approvals hold as for an alert.', {
        200: json(
          'The request is accepted. The state says what came of it so far.',
          ref('ManualRun'),
        ),
        400: refusal('The body is not valid. The answer names the place.'),
        404: refusal('No playbook has this name.'),
        409: refusal('Another request was sent with this key.'),
        413: refusal('The body is too large.'),
        415: refusal('The content type is not application/json.'),
        422: refusal(
          'The playbook does not match these labels, ignores alerts or is in shadow mode.',
        ),
      }),
    },
  },
};

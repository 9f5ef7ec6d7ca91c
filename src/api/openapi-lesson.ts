import { guarded, idParameter, json, ref, refusal } from './openapi-parts.js';

/** The path of the playbook that can be made of what a person did. */
export const lessonPaths = {
  '/api/v1/escalations/{id}/playbook': {
    parameters: [idParameter],
    get: guarded('Returns the suggested playbook of an escalation of kind `lesson`.', {
      200: json('The playbook and its tests.', ref('LessonDraft')),
      404: refusal('No escalation has this ID, or it suggests no playbook.'),
      409: refusal('The draft does not exist yet. Answer with the choice `draft`.'),
    }),
    post: {
      requestBody: { required: true, content: { 'application/json': { schema: ref('Accept') } } },
      ...guarded('Accepts the draft and writes both files to the playbook folder.', {
        200: json('Both files are written.', ref('Answered')),
        400: refusal('The body is not valid. The answer names the place.'),
        404: refusal('No escalation has this ID, or it suggests no playbook.'),
        409: json('Another answer came first. The body says whose, and when.', ref('TooLate')),
        413: refusal('The body is too large.'),
        415: refusal('The content type is not application/json.'),
        422: refusal(
          'Jidoka could not write the files, or the draft has errors. The body says why.',
        ),
      }),
    },
  },
};

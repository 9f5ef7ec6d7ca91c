import { guarded, idParameter, json, ref, refusal } from './openapi-parts.js';

/** The path of the playbook that can be made of what a person did. */
export const lessonPaths = {
  '/api/v1/escalations/{id}/playbook': {
    parameters: [idParameter],
    get: guarded('The draft of a playbook, of an escalation of kind `lesson`.', {
      200: json('The playbook and its tests.', ref('LessonDraft')),
      404: refusal('There is no such escalation, or it offers no playbook.'),
      409: refusal('Nobody has asked for the draft yet: answer with the choice `draft`.'),
    }),
    post: {
      requestBody: { required: true, content: { 'application/json': { schema: ref('Accept') } } },
      ...guarded('Accepts the draft: writes both files to the folder of the playbooks.', {
        200: json('They are written.', ref('Answered')),
        400: refusal('The body could not be read; says where.'),
        404: refusal('There is no such escalation, or it offers no playbook.'),
        409: json('Too late; says who decided, and when.', ref('TooLate')),
        413: refusal('The body is too large.'),
        415: refusal('The body is not declared as JSON.'),
        422: refusal('It could not be written, or is not taken as it is; says why.'),
      }),
    },
  },
};

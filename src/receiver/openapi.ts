import { z } from 'zod';
import { countedEscalationSchema, escalationSchema } from './escalation-schema.js';
import { playbookStandingSchema, reportSchema, standingsSchema } from './evidence-schema.js';
import { explanationsSchema } from './explain-schema.js';
import {
  blastRadiusSchema,
  breakerSchema,
  breakersSchema,
  liftSchema,
  newPauseSchema,
  pauseSchema,
  pausesSchema,
  resetSchema,
} from './guard-schema.js';
import { acceptSchema, lessonDraftSchema } from './lesson-schema.js';
import { evidencePaths } from './openapi-evidence.js';
import { explainPaths } from './openapi-explain.js';
import { guardPaths } from './openapi-guards.js';
import { lessonPaths } from './openapi-lesson.js';
import {
  guarded,
  idParameter,
  json,
  jsonSchema,
  list,
  parametersOf,
  plain,
  records,
  ref,
  refusal,
} from './openapi-parts.js';
import {
  answerSchema,
  historyQuerySchema,
  pageQuerySchema,
  recordsQuerySchema,
} from './request-schema.js';
import { runSchema } from './run-schema.js';
import { alertSchema, auditEntrySchema, receivedSchema } from './schema.js';

const errorSchema = z.object({
  error: z.string().describe('What is wrong, what was expected and what to do.'),
  path: z.string().optional().describe('Where the fault is.'),
});

const schemas = {
  Alert: alertSchema,
  Run: runSchema,
  Escalation: countedEscalationSchema,
  Answer: answerSchema,
  LessonDraft: lessonDraftSchema,
  Accept: acceptSchema,
  Answered: z.object({ escalation: escalationSchema }),
  TooLate: errorSchema.extend({ escalation: escalationSchema }),
  Playbooks: standingsSchema,
  Playbook: playbookStandingSchema,
  Report: reportSchema,
  AuditEntry: auditEntrySchema,
  Pause: pauseSchema,
  Pauses: pausesSchema,
  NewPause: newPauseSchema,
  Lift: liftSchema,
  BlastRadius: blastRadiusSchema,
  Breaker: breakerSchema,
  Breakers: breakersSchema,
  Reset: resetSchema,
  Explanations: explanationsSchema,
  ReceivedNotification: receivedSchema,
  Error: errorSchema,
  Queued: z.object({ status: z.literal('queued'), alerts: z.int() }),
  Readiness: z.object({
    ready: z.boolean(),
    checks: z
      .record(z.string(), z.object({ ok: z.boolean(), detail: z.string() }))
      .describe('`reload` alone does not count: the engine works with the set that it has.'),
  }),
  Reloaded: z.object({
    hash: z.string().describe('SHA-256 over all files of the set.'),
    playbooks: z.int().describe('How many playbooks it holds.'),
    changed: z.boolean().describe('Whether this reload has made it the active one.'),
    detail: z.string(),
  }),
  NotReloaded: errorSchema.extend({
    problems: z.array(z.string()).describe('All that is wrong, each with `file:line:column`.'),
  }),
};

const reload = {
  ...guarded('Takes over the playbook folder and the policy now; needs no body.', {
    200: json('The set that decides now.', ref('Reloaded')),
    422: json('They cannot be used, and the set in use stays.', ref('NotReloaded')),
  }),
};

const webhook = {
  summary: "Takes a notification of Alertmanager's webhook, version 4.",
  security: [{ webhookBearer: [] }, { webhookBasic: [] }, {}],
  requestBody: {
    required: true,
    content: { 'application/json': { schema: { type: 'object' } } },
  },
  responses: {
    200: json('It lies durably in the queue.', ref('Queued')),
    400: refusal('It is no JSON, or no v4 notification; says where.'),
    401: refusal('The token in JIDOKA_WEBHOOK_TOKEN is missing.'),
    403: refusal('Without JIDOKA_WEBHOOK_TOKEN: it comes from a web page.'),
    413: refusal('It is larger than 32 MiB.'),
    503: refusal('It could not be stored; send it again.'),
  },
};

const interactions = {
  summary: "Takes clicks on the buttons of Jidoka's messages in Slack, signed by Slack.",
  requestBody: {
    required: true,
    content: { 'application/x-www-form-urlencoded': { schema: { type: 'object' } } },
  },
  responses: {
    200: { description: 'Taken; what came of it is shown in Slack.' },
    400: refusal('It is no interaction.'),
    401: refusal('The signature is missing, wrong or older than five minutes.'),
    413: refusal('It is too large.'),
    503: refusal('SLACK_SIGNING_SECRET is not set.'),
  },
};

/** The description of every route, as OpenAPI 3.1. */
export function openApiDocument() {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Jidoka',
      version: '1',
      description:
        'Alerts, runs, escalations, playbooks and the audit trail. Without JIDOKA_ADMIN_TOKEN the API answers only callers on its own machine.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths: {
      '/webhooks/alertmanager': { post: webhook },
      '/slack/interactions': { post: interactions },
      '/-/healthy': {
        get: { summary: 'Whether the process runs.', responses: { 200: plain('It runs.') } },
      },
      '/-/ready': {
        get: {
          summary: 'Whether the engine can do its work.',
          responses: {
            200: json('It can.', ref('Readiness')),
            503: json('It cannot; the checks say why.', ref('Readiness')),
          },
        },
      },
      '/-/reload': { post: reload },
      '/metrics': {
        get: {
          summary: "Metrics in Prometheus' text format.",
          responses: { 200: plain('The metrics.'), 503: refusal('They could not be gathered.') },
        },
      },
      '/api/v1/openapi.json': { get: guarded('This document.', { 200: json('It.', {}) }) },
      ...records('alerts', 'Alert', 'Alerts from firing until resolved.', recordsQuerySchema),
      ...records(
        'runs',
        'Run',
        'Runs of playbooks and of actions that people chose.',
        recordsQuerySchema,
      ),
      ...records(
        'escalations',
        'Escalation',
        'Questions and reports to people.',
        recordsQuerySchema,
      ),
      '/api/v1/escalations/{id}/answer': {
        parameters: [idParameter],
        post: {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: ref('Answer') } },
          },
          ...guarded('Answers an escalation. Exactly one answer counts.', {
            200: json('This answer counts.', ref('Answered')),
            400: refusal('The answer could not be read, or there is no such choice.'),
            404: refusal('There is no such escalation.'),
            409: json('Too late; says who chose what, and when.', ref('TooLate')),
            413: refusal('The body is too large.'),
            415: refusal('The body is not declared as JSON.'),
            422: refusal('It could not be done; says why. Nothing was decided.'),
          }),
        },
      },
      ...evidencePaths,
      ...guardPaths,
      ...lessonPaths,
      ...explainPaths,
      '/api/v1/audit': list('AuditEntry', 'Every decision and transition.', pageQuerySchema),
      '/api/v1/history': {
        get: {
          ...guarded('What was received, in the order in which it was taken in.', {
            200: {
              description: 'A line of JSON for each notification. Cut short where Redis fails.',
              content: { 'application/x-ndjson': { schema: ref('ReceivedNotification') } },
            },
            400: refusal('A parameter is at fault.'),
          }),
          parameters: parametersOf(historyQuerySchema),
        },
      },
    },
    components: {
      securitySchemes: {
        admin: { type: 'http', scheme: 'bearer', description: 'JIDOKA_ADMIN_TOKEN' },
        webhookBearer: { type: 'http', scheme: 'bearer', description: 'JIDOKA_WEBHOOK_TOKEN' },
        webhookBasic: { type: 'http', scheme: 'basic', description: 'JIDOKA_WEBHOOK_TOKEN' },
      },
      schemas: Object.fromEntries(
        Object.entries(schemas).map(([name, schema]) => [name, jsonSchema(schema)]),
      ),
    },
  };
}

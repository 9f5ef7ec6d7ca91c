import { z } from 'zod';
import { countedEscalationSchema, escalationSchema } from './escalation-schema.js';
import { playbookStandingSchema, reportSchema, standingsSchema } from './evidence-schema.js';
import { explanationsSchema } from './explain-schema.js';
import { evidenceAnswerSchema } from './gathered-evidence-schema.js';
import {
  blastRadiusSchema,
  breakerSchema,
  breakersSchema,
  liftSchema,
  newPauseSchema,
  pauseSchema,
  pausesSchema,
  resetSchema,
  setPauseSchema,
  targetFitSchema,
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
import { prometheusPaths } from './openapi-prometheus.js';
import { runPaths } from './openapi-run.js';
import { refusedRulesSchema } from './prometheus.js';
import {
  answerSchema,
  cancelSchema,
  historyQuerySchema,
  manualRunSchema,
  pageQuerySchema,
  recordsQuerySchema,
  runPlaybookSchema,
} from './request-schema.js';
import { runSchema } from './run-schema.js';
import { alertSchema, auditEntrySchema, receivedSchema } from './schema.js';
import { describedServicesSchema } from './services-schema.js';

const errorSchema = z.object({
  error: z.string().describe('What failed, what Jidoka expected and what to do.'),
  path: z.string().optional().describe('The place of the error.'),
});

const schemas = {
  Alert: alertSchema,
  Run: runSchema,
  Escalation: countedEscalationSchema,
  Answer: answerSchema,
  Cancel: cancelSchema,
  RunPlaybook: runPlaybookSchema,
  ManualRun: manualRunSchema,
  NotCancelled: errorSchema.extend({ run: runSchema }),
  Evidence: evidenceAnswerSchema,
  LessonDraft: lessonDraftSchema,
  Accept: acceptSchema,
  Answered: z.object({ escalation: escalationSchema }),
  TooLate: errorSchema.extend({ escalation: escalationSchema }),
  Playbooks: standingsSchema,
  Playbook: playbookStandingSchema,
  Report: reportSchema,
  AuditEntry: auditEntrySchema,
  Pause: pauseSchema,
  SetPause: setPauseSchema,
  TargetFit: targetFitSchema,
  Pauses: pausesSchema,
  NewPause: newPauseSchema,
  Lift: liftSchema,
  BlastRadius: blastRadiusSchema,
  Breaker: breakerSchema,
  Breakers: breakersSchema,
  Reset: resetSchema,
  Explanations: explanationsSchema,
  ReceivedNotification: receivedSchema,
  RefusedRules: refusedRulesSchema,
  DescribedServices: describedServicesSchema,
  Error: errorSchema,
  Queued: z.object({ status: z.literal('queued'), alerts: z.int() }),
  Readiness: z.object({
    ready: z.boolean(),
    degraded: z.boolean().describe('Whether it is ready although a check fails.'),
    checks: z
      .record(z.string(), z.object({ ok: z.boolean(), detail: z.string() }))
      .describe(
        'A check may fail while the engine is ready. Only two make it not ready: a Redis that does not accept writes, and a queue that has not moved for a minute.',
      ),
  }),
  Reloaded: z.object({
    hash: z.string().describe('SHA-256 over all files of the set.'),
    playbooks: z.int().describe('The number of playbooks.'),
    changed: z.boolean().describe('Whether this reload changed the active set.'),
    detail: z.string(),
  }),
  NotReloaded: errorSchema.extend({
    problems: z.array(z.string()).describe('All errors, each with `file:line:column`.'),
  }),
};

const reload = {
  ...guarded('Reloads the playbooks and the policy. The request needs no body.', {
    200: json('The active set.', ref('Reloaded')),
    422: json('The files have errors. The active set stays.', ref('NotReloaded')),
  }),
};

const webhook = {
  summary: "Receives a notification of Alertmanager's webhook, version 4.",
  security: [{ webhookBearer: [] }, { webhookBasic: [] }, {}],
  requestBody: {
    required: true,
    content: { 'application/json': { schema: { type: 'object' } } },
  },
  responses: {
    200: json('Redis has stored the notification.', ref('Queued')),
    400: refusal('The body is not JSON or not a v4 notification. The answer names the place.'),
    401: refusal('The token in JIDOKA_WEBHOOK_TOKEN is missing or wrong.'),
    403: refusal('Without JIDOKA_WEBHOOK_TOKEN: the request comes from a web page.'),
    413: refusal('The body is larger than 32 MiB.'),
    503: refusal('Redis could not store the notification. Send it again.'),
  },
};

const interactions = {
  summary: 'Receives clicks on buttons in Slack, signed by Slack.',
  requestBody: {
    required: true,
    content: { 'application/x-www-form-urlencoded': { schema: { type: 'object' } } },
  },
  responses: {
    200: { description: 'Received. Slack shows the result.' },
    400: refusal('The body is not an interaction.'),
    401: refusal('The signature is missing, wrong or older than five minutes.'),
    413: refusal('The body is too large.'),
    503: refusal('SLACK_SIGNING_SECRET is not set.'),
  },
};

/** The path of the evidence of a record. */
function evidenceOf(name: 'escalations' | 'runs') {
  return {
    [`/api/v1/${name}/{id}/evidence`]: {
      parameters: [idParameter],
      get: guarded(
        `Returns the evidence of one of the ${name}: metric, changes, tasks, earlier and related alerts.`,
        {
          200: json('The evidence, as far as Jidoka has gathered it.', ref('Evidence')),
          404: refusal('Nothing has this ID. Jidoka keeps ended records for 30 days.'),
        },
      ),
    },
  };
}

const misled = refusal(
  'The engine does not know the host name of the request, and the request has no token.',
);

/** The description of every route, as OpenAPI 3.1. */
export function openApiDocument() {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Jidoka',
      version: '1',
      description:
        'Alerts, runs, escalations, playbooks and the audit trail. Without JIDOKA_ADMIN_TOKEN, the API answers only callers on the same machine. It answers none if a setting says that others reach the engine.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths: {
      '/webhooks/alertmanager': { post: webhook },
      '/slack/interactions': { post: interactions },
      '/-/healthy': {
        get: {
          summary: 'Tells whether the process runs.',
          responses: { 200: plain('The process runs.') },
        },
      },
      '/-/ready': {
        get: {
          summary: 'Tells whether the engine is ready.',
          responses: {
            200: json('Ready.', ref('Readiness')),
            403: misled,
            503: json('Not ready. The checks say why.', ref('Readiness')),
          },
        },
      },
      '/-/reload': { post: reload },
      '/metrics': {
        get: {
          summary: "Metrics in Prometheus' text format.",
          responses: {
            200: plain('The metrics.'),
            403: misled,
            503: refusal('Jidoka could not collect the metrics.'),
          },
        },
      },
      '/api/v1/openapi.json': {
        get: guarded('Returns this OpenAPI document.', { 200: json('The document.', {}) }),
      },
      ...records(
        'alerts',
        'Alert',
        'Lists alerts, each from firing until resolved.',
        recordsQuerySchema,
      ),
      ...records(
        'runs',
        'Run',
        'Lists runs of playbooks, and of actions that people chose.',
        recordsQuerySchema,
      ),
      ...records(
        'escalations',
        'Escalation',
        'Lists escalations: questions and reports to people.',
        recordsQuerySchema,
      ),
      ...evidenceOf('escalations'),
      ...evidenceOf('runs'),
      '/api/v1/escalations/{id}/answer': {
        parameters: [idParameter],
        post: {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: ref('Answer') } },
          },
          ...guarded('Answers an escalation. Only the first answer counts.', {
            200: json('This answer counts.', ref('Answered')),
            400: refusal('The answer is not valid, or the escalation has no such choice.'),
            404: refusal('No escalation has this ID.'),
            409: json('Another answer came first. The body says whose, and when.', ref('TooLate')),
            413: refusal('The body is too large.'),
            415: refusal('The content type is not application/json.'),
            422: refusal('Jidoka could not do it, and nothing was decided. The body says why.'),
          }),
        },
      },
      '/api/v1/runs/{id}/cancel': {
        parameters: [idParameter],
        post: {
          requestBody: {
            required: true,
            content: { 'application/json': { schema: ref('Cancel') } },
          },
          ...guarded('Cancels a run. It sends no further change.', {
            200: json(
              'The run is cancelled. A change in progress is watched to its end.',
              ref('Run'),
            ),
            400: refusal('The body is not valid. The answer names the place.'),
            404: refusal('No run has this ID.'),
            409: json('The run has ended, or was cancelled before.', ref('NotCancelled')),
            413: refusal('The body is too large.'),
            415: refusal('The content type is not application/json.'),
          }),
        },
      },
      ...evidencePaths,
      ...runPaths,
      ...guardPaths,
      ...lessonPaths,
      ...explainPaths,
      ...prometheusPaths,
      '/api/v1/audit': list('AuditEntry', 'Lists records of the audit trail.', pageQuerySchema),
      '/api/v1/history': {
        get: {
          ...guarded('Returns received notifications, in their order.', {
            200: {
              description:
                'One line of JSON for each notification. The answer ends early if Redis fails.',
              content: { 'application/x-ndjson': { schema: ref('ReceivedNotification') } },
            },
            400: refusal('A parameter is not valid.'),
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

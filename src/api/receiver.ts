import { Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import type { Posted, Received } from '../alertmanager/received.js';
import { createCommands } from '../engine/commands/commands.js';
import type { RunPlaybook } from '../engine/commands/run-playbook.js';
import type { ActivePlaybooks } from '../engine/context/context.js';
import type { Explanation } from '../engine/explain/explanation.js';
import type { Question } from '../engine/explain/question.js';
import type { GivenAnswer } from '../engine/people/answer.js';
import type { AnswerResult } from '../engine/people/answer-result.js';
import type { CancelResult, GivenCancel } from '../engine/people/cancel.js';
import type { ServiceList } from '../engine/proof/service-list.js';
import type { TargetFit } from '../engine/reading/target-fit.js';
import { createPlaybookStatuses } from '../engine/reports/playbook-status.js';
import type { Pauses } from '../guard/pauses.js';
import type { Resets } from '../guard/resets.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Clock } from '../lib/clock.js';
import { InputError, messageOf, PartMissingError } from '../lib/errors.js';
import { createOwnName } from '../lib/http/own-name.js';
import { remoteAddress } from '../lib/http/remote-address.js';
import type { Logger } from '../lib/logger.js';
import type { Metrics } from '../lib/metrics.js';
import type { TakeInteraction } from '../slack/interaction.js';
import { createSlackInteractions } from '../slack/interactions.js';
import { createAdminGuard } from './admin-guard.js';
import { createApi } from './api.js';
import { createCancelApi } from './cancel-api.js';
import { createDockerScaler } from './docker-scaler.js';
import { createExplainApi } from './explain-api.js';
import { createGatheredEvidenceApi } from './gathered-evidence-api.js';
import { createGuardApi } from './guard-api.js';
import { createHealth, type Readiness } from './health.js';
import { createHistoryApi } from './history-api.js';
import { createJenkins } from './jenkins.js';
import { createLessonApi } from './lesson-api.js';
import { createPlaybooksApi } from './playbooks-api.js';
import { createPrometheusFiles } from './prometheus.js';
import { createRefusalCounter } from './refusals.js';
import { createReload, type ReloadAnswer } from './reload.js';
import { createReportApi } from './report-api.js';
import { createRunPlaybookApi } from './run-playbook-api.js';
import { createServicesApi } from './services-api.js';
import { visibleJson } from './visible-json.js';
import { createWebhook } from './webhook.js';

/** What the receiver is made of; `app.ts` puts it together. */
export interface ReceiverParts {
  /** Puts a notification durably into the queue. @throws when Redis does not take it. */
  readonly enqueue: (received: Received) => Promise<void>;
  /** The same for one of Alertmanager, as it was posted. */
  readonly enqueuePosted: (posted: Posted) => Promise<void>;
  readonly ledger: Ledger;
  /** @throws what Redis throws. */
  readonly answer: (answer: GivenAnswer) => Promise<AnswerResult>;
  /** Cancels a run. @throws what Redis throws. */
  readonly cancel: (given: GivenCancel) => Promise<CancelResult>;
  /** Runs a playbook by hand. @throws InputError for labels that cannot be; what Redis throws. */
  readonly runPlaybook: RunPlaybook;
  /** What people do in Slack; the same whichever door it comes through. */
  readonly takeInteraction: TakeInteraction;
  /** @throws InputError for what there is not; an error where the worker does not answer. */
  readonly explain: (question: Question) => Promise<readonly Explanation[]>;
  /** What services say about themselves, and the chains of their alerts. */
  readonly services: ServiceList;
  readonly pauses: Pauses;
  readonly resets: Resets;
  /** Whether a name is one of a target. Never throws. */
  readonly targetFit: (name: string) => Promise<TargetFit>;
  readonly readiness: () => Promise<Readiness>;
  /** Takes over the playbook folder and the policy. @throws what Redis throws. */
  readonly reload: () => Promise<ReloadAnswer>;
  /** The metrics of the whole process in Prometheus' text format. */
  readonly metricsText: () => Promise<string>;
  readonly metrics: Metrics;
  /** Asked for each request. */
  readonly active: () => ActivePlaybooks;
  /** `undefined`: every caller that reaches the port may post. */
  readonly webhookToken: string | undefined;
  /** `undefined`: the API answers callers on its own machine only, and no one where `facing` is set. */
  readonly adminToken: string | undefined;
  /** The setting that says that others reach this engine. */
  readonly facing: string | undefined;
  /** Where people's browsers reach this engine, if that is known. */
  readonly externalUrl: string | undefined;
  /** Reads the API, and changes nothing. */
  readonly viewerToken: string | undefined;
  /** `undefined`: clicks in Slack are refused. */
  readonly slackSigningSecret: string | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

const shownCharacters = 200;

/**
 * Everything that comes in over HTTP. What it answers is JSON, errors too (`error`, and `path` where
 * there is a place), except where another format is the custom.
 */
export function createReceiver(parts: ReceiverParts): Hono {
  const { adminToken, facing, viewerToken, webhookToken, externalUrl, metrics, log } = parts;
  const operators = { adminToken, facing, viewerToken, addressOf: remoteAddress, log };
  const tokens = [webhookToken, adminToken, viewerToken];
  const isMeantForUs = createOwnName({ externalUrl, tokens, addressOf: remoteAddress });
  const receiver = new Hono();

  // before the headers that protect browsers: only machines post there, in storms
  receiver.route('/', createWebhook(parts));
  receiver.use(visibleJson);
  receiver.use(secureHeaders({ strictTransportSecurity: false, xFrameOptions: 'DENY' }));
  receiver.use('/slack/*', createRefusalCounter({ route: 'slack', metrics }));
  receiver.use(
    '/api/*',
    createRefusalCounter({ route: 'api', metrics }),
    async (c, next) => {
      await next();
      c.header('cache-control', 'no-store');
      c.header('content-security-policy', "default-src 'none'; frame-ancestors 'none'");
    },
    createAdminGuard({ ...operators, posts: 'json' }),
  );
  receiver.use(
    '/prometheus/*',
    createRefusalCounter({ route: 'prometheus', metrics }),
    createAdminGuard({ ...operators, posts: 'json', viewersPost: true }),
  );
  receiver.use(
    '/-/reload',
    createRefusalCounter({ route: 'reload', metrics }),
    createAdminGuard({ ...operators, posts: 'nothing' }),
  );
  receiver.route('/', createSlackInteractions(parts));
  receiver.route('/', createHealth({ ...parts, isMeantForUs }));
  receiver.route('/', createReload(parts));
  receiver.route('/', createApi(parts));
  receiver.route('/', createCancelApi(parts));
  receiver.route('/', createGatheredEvidenceApi(parts));
  receiver.route('/', createPlaybooksApi({ ...parts, standings: createPlaybookStatuses(parts) }));
  receiver.route('/', createRunPlaybookApi(parts));
  receiver.route('/', createReportApi(parts));
  receiver.route('/', createPrometheusFiles(parts));
  receiver.route('/', createServicesApi(parts));
  receiver.route('/', createGuardApi(parts));
  receiver.route('/', createExplainApi(parts));
  receiver.route('/', createLessonApi(parts));
  const commands = createCommands(parts);
  receiver.route('/', createJenkins({ ...parts, commands, isMeantForUs }));
  receiver.route('/', createDockerScaler({ ...parts, commands }));
  receiver.route('/', createHistoryApi(parts));

  receiver.notFound((c) => {
    const what = `${c.req.method} ${c.req.path}`;
    const error = `no route for ${what}; GET /api/v1/openapi.json lists all routes`;
    metrics.refusals.inc({ route: 'unknown', reason: 'unknown_path' });
    if (c.req.method === 'POST') {
      log.warn(
        { path: c.req.path.slice(0, shownCharacters), from: remoteAddress(c) },
        'unknown path',
      );
    }
    return c.json({ error }, 404);
  });

  receiver.onError((error, c) => {
    if (error instanceof InputError) {
      return c.json({ error: error.message, path: error.path }, 400);
    }
    if (error instanceof PartMissingError) return c.json({ error: error.message }, 501);
    // only its texts: the errors of ioredis carry the command with all its arguments
    const { stack } = error;
    log.error({ path: c.req.path, fault: messageOf(error), stack }, 'request failed');
    const message = 'not possible now; try again, and see the log for the reason';
    return c.json({ error: message }, 503, { 'retry-after': '5' });
  });

  return receiver;
}

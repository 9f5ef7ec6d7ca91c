import { type Context, Hono } from 'hono';
import type { CallState, Commands } from '../engine/commands/commands.js';
import { readBody } from '../lib/http/body.js';
import { remoteAddress } from '../lib/http/remote-address.js';
import type { Logger } from '../lib/logger.js';
import type { Metrics } from '../lib/metrics.js';
import { mayCall } from './caller.js';
import { asksNothing, nothingAsked } from './group-labels.js';

interface JenkinsParts {
  readonly commands: Commands;
  /** `undefined`: every caller that reaches the port may call. */
  readonly webhookToken: string | undefined;
  /** Whether a request was sent here on purpose (`lib/http/own-name.ts`). */
  readonly isMeantForUs: (c: Context) => boolean;
  readonly metrics: Metrics;
  readonly log: Logger;
}

const maxBodyBytes = 32 * 1024 * 1024;
/** What Jenkins takes of a form. It is read before the token in it is known: by every caller that reaches the port. */
const maxFormBytes = 200_000;
const maxParameters = 50;
const longestParameter = 1_000;
/** Parameters of the call itself, not of the job. */
const ofTheCall = new Set(['token', 'cause', 'delay']);

const formPattern = /^(application\/x-www-form-urlencoded|multipart\/form-data)\b/i;
const job = /^(?<prefix>.*?)\/job\/(?<name>[^/]+)\/buildWithParameters\/?$/;
const item = /^(?<prefix>.*)\/queue\/item\/(?<number>\d{1,15})(\/api\/json)?\/?$/;
const build = /^(?<prefix>.*?)\/job\/(?<name>[^/]+)\/(?<number>\d{1,15})(\/api\/json)?\/?$/;

/** Whether a path is the address that builds a Jenkins job. */
export function isJobPath(path: string): boolean {
  return job.test(path);
}

/**
 * Jenkins' remote access API, as far as the caller that has a job built needs it, under any prefix: a call of
 * a job becomes a command, and its queue item and its build say what became of it.
 */
export function createJenkins(parts: JenkinsParts): Hono {
  const { commands, webhookToken, isMeantForUs, metrics, log } = parts;
  const jenkins = new Hono();

  jenkins.use(async (c, next) => {
    if (c.req.method !== 'GET' && c.req.method !== 'POST') return next();
    const [asked, queued, built] = [job, item, build].map((one) => one.exec(c.req.path)?.groups);
    if (asked !== undefined) return start(c, asked.prefix ?? '', asked.name ?? '');
    const look = queued ?? built;
    if (look === undefined || c.req.method !== 'GET') return next();
    const isMeant = webhookToken !== undefined || isMeantForUs(c);
    if (!isMeant || !mayCall(c, webhookToken, c.req.query('token'))) return refuse(c);
    const number = Number(look.number);
    const state = await commands.stateOf(number);
    const isOfThatJob = look.name === undefined || look.name === state?.name;
    if (state === null || !isOfThatJob) return c.json({ error: `there is no ${number}` }, 404);
    const view = queued === undefined ? buildView : itemView;
    return c.json(view(number, state, baseOf(c, look.prefix ?? '')));
  });

  async function start(c: Context, prefix: string, name: string): Promise<Response> {
    const contentType = c.req.header('content-type') ?? '';
    const isForm = formPattern.test(contentType);
    if (!isForm && !mayCall(c, webhookToken, c.req.query('token'))) return refuse(c);
    // any web page could have a browser get an address, without a word of where it stands
    if (webhookToken === undefined && c.req.method === 'GET') return refuse(c);
    const maxBytes = isForm ? maxFormBytes : maxBodyBytes;
    const bytes = await readBody(c.req.raw, maxBytes);
    if (bytes === null) return c.json({ error: `body: expected at most ${maxBytes} bytes` }, 413);
    const form = isForm ? await fieldsOf(bytes, contentType) : [];
    if (form === null)
      return c.json({ error: 'body: expected a form, got an incomplete one' }, 400);
    const given = [...new URL(c.req.url).searchParams, ...form];
    const token = given.find(([key]) => key === 'token')?.[1];
    if (!mayCall(c, webhookToken, token)) return refuse(c);
    if (!isForm && asksNothing(bytes)) {
      return c.json({ status: 'ignored', message: nothingAsked });
    }
    // a + in an address is a space, and the jobs' numbers could stand between spaces
    const parameters = given
      .filter(([key]) => !ofTheCall.has(key))
      .map(([key, value]) => [key, value.trim()] as const);
    const fault = faultOf(parameters);
    if (fault !== undefined) return c.json({ error: fault }, 400);
    const cause = given.find(([key]) => key === 'cause')?.[1].trim();
    const number = await commands.issue({
      source: 'jenkins',
      name,
      parameters: Object.fromEntries(parameters),
      why: cause?.slice(0, longestParameter),
    });
    metrics.notifications.inc({ outcome: 'accepted' });
    c.header('location', `${baseOf(c, prefix)}/queue/item/${number}/`);
    return c.body(null, 201);
  }

  /** Never with the token. */
  function refuse(c: Context): Response {
    metrics.refusals.inc({ route: 'jenkins', reason: 'forbidden' });
    log.warn({ from: remoteAddress(c), path: c.req.path }, 'job refused: no valid token');
    const error =
      webhookToken === undefined
        ? 'without JIDOKA_WEBHOOK_TOKEN jobs are started with POST, and by no web page'
        : 'expected the token in JIDOKA_WEBHOOK_TOKEN, as the parameter token';
    return c.json({ error }, 403);
  }

  return jenkins;
}

/** The fields of a form that are texts; `null` where it cannot be read. */
async function fieldsOf(bytes: Buffer, contentType: string): Promise<[string, string][] | null> {
  try {
    const body = new Uint8Array(bytes);
    const form = await new Response(body, { headers: { 'content-type': contentType } }).formData();
    return [...form].flatMap(([key, value]) => (typeof value === 'string' ? [[key, value]] : []));
  } catch {
    return null;
  }
}

function faultOf(parameters: readonly (readonly [string, string])[]): string | undefined {
  if (parameters.length > maxParameters) return `expected at most ${maxParameters} parameters`;
  const long = parameters.find((pair) => pair.some((text) => text.length > longestParameter));
  if (long === undefined) return undefined;
  return `parameters: expected at most ${longestParameter} characters each`;
}

/** Where this Jenkins stands, as its caller addresses it. */
function baseOf(c: Context, prefix: string): string {
  return `${new URL(c.req.url).origin}${encodeURI(prefix)}`;
}

/** A queue item in the form of Jenkins' JSON: it waits, or has become a build of the same number. */
function itemView(number: number, { name, state, detail }: CallState, base: string) {
  const url = `${base}/job/${encodeURIComponent(name)}/`;
  const isWaiting = state === 'queued' || state === 'held';
  return {
    _class: `hudson.model.Queue$${isWaiting ? 'WaitingItem' : 'LeftItem'}`,
    id: number,
    url: `queue/item/${number}/`,
    task: { name, url },
    blocked: state === 'held',
    buildable: false,
    stuck: false,
    cancelled: false,
    why: isWaiting ? detail : null,
    ...(isWaiting ? {} : { executable: { number, url: `${url}${number}/` } }),
  };
}

/** A build in the form of Jenkins' JSON. */
function buildView(number: number, { name, state, detail }: CallState, base: string) {
  const isOver = state === 'done' || state === 'failed';
  return {
    _class: 'org.jenkinsci.plugins.workflow.job.WorkflowRun',
    number,
    id: String(number),
    queueId: number,
    displayName: `#${number}`,
    fullDisplayName: `${name} #${number}`,
    url: `${base}/job/${encodeURIComponent(name)}/${number}/`,
    building: !isOver,
    result: isOver ? (state === 'done' ? 'SUCCESS' : 'FAILURE') : null,
    description: detail,
  };
}

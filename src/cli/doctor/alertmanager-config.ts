import { parse } from 'yaml';
import { type Receiver, type Webhook, webhookPath } from '../../alertmanager/receivers.js';
import { type Route, readRoute } from '../../alertmanager/route-tree.js';
import { type Finding, note, ok, warning, wrong } from '../../lib/finding.js';
import { readTimeIntervals } from '../../playbook/window.js';
import {
  examineArrivals,
  isReached,
  type NamedIntervals,
  namesOf,
} from './alertmanager-arrivals.js';
import { hasTokenInAddress, type Poster, postersTo, sendsToken } from './alertmanager-receivers.js';
import type { Expected } from './expected-receiver.js';

interface Configuration {
  readonly route: Route;
  readonly receivers: readonly Receiver[];
  readonly intervals: NamedIntervals;
}

/** Whether a configuration, as Alertmanager has loaded it, sends every alert here, resolved ones too. */
export function examineAlertmanagerConfig(
  text: string | null,
  expected: Expected,
  nowMs: number = Date.now(),
): readonly Finding[] {
  const config = readConfiguration(text);
  if (config === undefined) return [note('its configuration could not be seen')];
  const { receivers } = config;
  const ours = postersTo('alertmanager', receivers);
  const hidden = postersTo('hidden', receivers);
  const posters = ours.length > 0 ? ours : hidden.filter(({ name }) => name === expected.receiver);
  const callers = [
    ...postersTo('jenkins', receivers).map((poster) => ({ poster, of: "a Jenkins job's" })),
    ...postersTo('docker-scaler', receivers).map((poster) => ({ poster, of: "docker-scaler's" })),
  ].flatMap(({ poster, of }) => examineCaller(poster, of, config, expected));
  if (posters.length > 0) return [...examinePosters(posters, config, expected, nowMs), ...callers];
  if (hidden.length > 0 && expected.receiver === undefined) {
    return [
      note(
        'it hides the addresses of webhooks: set ALERTMANAGER_RECEIVER to the name of the receiver that posts here, and it is looked at',
      ),
      ...callers,
    ];
  }
  if (callers.length > 0 && expected.receiver === undefined) return callers;
  return [withoutReceiver(receivers, expected), ...callers];
}

function withoutReceiver(receivers: readonly Receiver[], expected: Expected): Finding {
  const isThere = receivers.some(({ name }) => name === expected.receiver);
  return wrong(
    expected.receiver === undefined || isThere
      ? `no receiver posts to ${webhookPath}`
      : `there is no receiver ${expected.receiver}, as ALERTMANAGER_RECEIVER has it`,
    'no alert of this Alertmanager arrives here',
    'give it the receiver and the route of the README ("Wire it into your Alertmanager")',
  );
}

function examinePosters(
  posters: readonly Poster[],
  { route, intervals }: Configuration,
  expected: Expected,
  nowMs: number,
): Finding[] {
  const names = posters.map(({ name }) => name);
  const faults = [
    ...examineArrivals(route, names, { intervals, nowMs }),
    ...posters.flatMap((poster) => examinePoster(poster, expected)),
    ...examineName(names, expected),
  ];
  if (faults.some(({ level }) => level !== 'note')) return faults;
  const resolved = expected.sendResolved ? ', resolved ones too' : '';
  return [
    ok(`its ${namesOf(names).slice('the '.length)} posts here, all alerts${resolved}`),
    ...faults,
  ];
}

/** Of several webhooks with hidden addresses one is ours: the one that fits best. */
function examinePoster({ name, webhooks }: Poster, expected: Expected): readonly Finding[] {
  const each = webhooks.map((webhook) => examineWebhook(name, webhook, expected));
  return each.reduce((best, one) => (one.length < best.length ? one : best));
}

function examineWebhook(name: string, webhook: Webhook, expected: Expected): readonly Finding[] {
  const faults: Finding[] = [];
  if (webhook.send_resolved === false && expected.sendResolved) {
    faults.push(
      wrong(
        `the receiver ${name} has send_resolved: false`,
        'Jidoka never hears that an alert resolved, keeps acting, and reports that nothing helped',
        'set send_resolved: true; or, if it has to be so, alertmanager.send_resolved: false in policy.yaml',
      ),
    );
  }
  if ((webhook.max_alerts ?? 0) > 0) {
    faults.push(
      wrong(
        `the receiver ${name} has max_alerts: ${webhook.max_alerts}`,
        'Alertmanager leaves the alerts beyond it out, and counts them as sent',
        'set max_alerts: 0',
      ),
    );
  }
  if (isFilled(webhook.payload)) {
    faults.push(
      wrong(
        `the receiver ${name} has a payload of its own`,
        "Jidoka reads Alertmanager's own notifications; it refuses others with 400, and Alertmanager does not send them again",
        'remove payload from the webhook that posts here',
      ),
    );
  }
  if (expected.token && !sendsToken(webhook)) faults.push(withoutToken(name));
  return faults;
}

function examineName(names: readonly string[], { receiver }: Expected): readonly Finding[] {
  const [first] = names;
  if (receiver === undefined) {
    return [
      warning(
        'ALERTMANAGER_RECEIVER is not set',
        'which alerts are meant for here is not known, so that what was not delivered is not caught up with',
        `set ALERTMANAGER_RECEIVER=${first}`,
      ),
    ];
  }
  if (!names.includes(receiver)) {
    return [
      wrong(
        `ALERTMANAGER_RECEIVER is ${receiver}, and ${namesOf(names)} ${names.length === 1 ? 'posts' : 'post'} here`,
        'what is read from its API is then not what is sent here',
        `set ALERTMANAGER_RECEIVER=${first}`,
      ),
    ];
  }
  const others = names.filter((name) => name !== receiver);
  if (others.length === 0) return [];
  return [
    warning(
      `${namesOf(others)} ${others.length === 1 ? 'posts' : 'post'} here besides ${receiver}, which ALERTMANAGER_RECEIVER names`,
      `Jidoka catches up only with alerts of ${receiver}: a delivery of the others that is lost comes again with the next repeat_interval`,
      `let all routes lead to the receiver ${receiver}`,
    ),
  ];
}

/** A receiver that calls as for Jenkins or docker-scaler: its calls become commands. */
function examineCaller(
  { name, webhooks }: Poster,
  whose: string,
  { route }: Configuration,
  { token }: Expected,
): readonly Finding[] {
  const findings = [
    note(
      `its receiver ${name} calls ${whose} address: where that is Jidoka, each call becomes a command (docs/how-to/move-from-jenkins.md)`,
    ),
  ];
  if (!isReached(route, name)) {
    findings.push(
      warning(
        `no alert reaches the receiver ${name}`,
        'it never calls',
        'change its route, or the routes before it that take every alert',
      ),
    );
  }
  const isOpen = webhooks.some((webhook) => !sendsToken(webhook) && !hasTokenInAddress(webhook));
  if (token && isOpen) {
    findings.push(
      warning(
        `the receiver ${name} sends no token, and JIDOKA_WEBHOOK_TOKEN is set`,
        'where it calls Jidoka, each call is refused with 403',
        'add token=… to its address, or set http_config.authorization.credentials to the token',
      ),
    );
  }
  return findings;
}

function withoutToken(name: string): Finding {
  return wrong(
    `the receiver ${name} sends no token, and JIDOKA_WEBHOOK_TOKEN is set`,
    'every notification is refused with 401, which Alertmanager does not send again',
    'set http_config.authorization.credentials to the token',
  );
}

function readConfiguration(text: string | null): Configuration | undefined {
  if (text === null || text === '') return undefined;
  try {
    const config = parse(text) as Readonly<Record<string, unknown>>;
    if (!Array.isArray(config.receivers)) return undefined;
    const { http_config } = (config.global ?? {}) as { http_config?: Webhook['http_config'] };
    return {
      route: readRoute(config.route),
      receivers: (config.receivers as Receiver[]).map((receiver) =>
        inheriting(receiver, http_config),
      ),
      intervals: readIntervals(config),
    };
  } catch {
    return undefined;
  }
}

/** A webhook without settings of its own has the global ones. */
function inheriting(receiver: Receiver, http_config: Webhook['http_config']): Receiver {
  const webhooks = (receiver.webhook_configs ?? []).map((webhook) =>
    webhook.http_config == null && http_config != null ? { ...webhook, http_config } : webhook,
  );
  return { name: receiver.name, webhook_configs: webhooks };
}

/** `mute_time_intervals` is the older key for the same. */
function readIntervals(config: Readonly<Record<string, unknown>>): NamedIntervals {
  const named = [config.time_intervals, config.mute_time_intervals].flatMap((list) =>
    Array.isArray(list) ? list : [],
  ) as readonly { readonly name: string; readonly time_intervals: unknown }[];
  return new Map(
    named.map(({ name, time_intervals }) => [name, readTimeIntervals(time_intervals)]),
  );
}

function isFilled(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}

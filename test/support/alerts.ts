import { createHash } from 'node:crypto';

type Labels = Readonly<Record<string, string>>;

/** When alerts with these labels began: when they were first made. A new ledger asks about those that are older. */
const began = new Map<string, string>();

/** An alert as Alertmanager's webhook v4 has it. */
export function webhookAlert(
  labels: Labels,
  options: { readonly status?: 'firing' | 'resolved'; readonly startsAt?: string } = {},
) {
  const name = JSON.stringify(labels);
  const { status = 'firing', startsAt = began.get(name) ?? new Date().toISOString() } = options;
  began.set(name, startsAt);
  return {
    status,
    labels,
    annotations: { summary: `${labels.alertname} is ${status}` },
    startsAt,
    endsAt: status === 'firing' ? '0001-01-01T00:00:00Z' : new Date().toISOString(),
    generatorURL: 'http://prometheus.example.com/graph',
    fingerprint: createHash('sha256').update(name).digest('hex').slice(0, 16),
  };
}

/** A notification of Alertmanager that holds these alerts. */
export function webhookBody(alerts: readonly unknown[], groupKey = '{}:{alertname="Test"}') {
  return {
    version: '4',
    groupKey,
    truncatedAlerts: 0,
    receiver: 'jidoka',
    status: 'firing',
    groupLabels: {},
    commonLabels: {},
    commonAnnotations: {},
    externalURL: 'http://alertmanager.example.com',
    alerts,
  };
}

/** Posts a notification as Alertmanager does. */
export function postAlerts(
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
  options: Pick<RequestInit, 'signal'> = {},
): Promise<Response> {
  return fetch(`${url}/webhooks/alertmanager`, {
    ...options,
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

import type { World } from './world.js';

/** The time at which each alert of the demo began, by its name. */
const startedAt = new Map<string, string>();

/** Posts to the engine what Alertmanager would post. */
export async function post(
  world: World,
  status: 'firing' | 'resolved',
  labels: Record<string, string>,
  summary: string,
): Promise<void> {
  const fingerprint = labels.alertname ?? '';
  const now = new Date().toISOString();
  if (status === 'firing') startedAt.set(fingerprint, now);
  const alert = {
    status,
    labels,
    annotations: { summary },
    startsAt: startedAt.get(fingerprint),
    endsAt: status === 'firing' ? '0001-01-01T00:00:00Z' : now,
    generatorURL: '',
    fingerprint,
  };
  const answer = await fetch(`${world.url}/webhooks/alertmanager`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      version: '4',
      groupKey: `{}:{alertname="${labels.alertname}"}`,
      receiver: 'jidoka',
      status,
      groupLabels: {},
      commonLabels: labels,
      commonAnnotations: {},
      externalURL: '',
      alerts: [alert],
    }),
  });
  if (!answer.ok) throw new Error(`the webhook answered ${answer.status}: ${await answer.text()}`);
}

/** What the demo reads of a run. */
interface ShownRun {
  readonly id: string;
  readonly state: string;
  readonly outcome: { readonly kind: string } | null;
}

/** The engine's runs, newest first. */
export async function runs(world: World): Promise<readonly ShownRun[]> {
  const answer = await fetch(`${world.url}/api/v1/runs`);
  if (!answer.ok) throw new Error(`the API answered ${answer.status}`);
  return ((await answer.json()) as { items: ShownRun[] }).items;
}

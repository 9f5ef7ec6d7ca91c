import { setTimeout as sleep } from 'node:timers/promises';
import { postAlerts, webhookAlert, webhookBody } from '../support/alerts.js';
import type { PlannedGroup, PlannedMember } from './plan.js';

/** What a cluster of Alertmanagers does in the storm. */
export interface Sender {
  /** Deliveries that were answered with 2xx. */
  deliveries(): number;
  /** Deliveries that were not, and were sent again. */
  refused(): number;
  /** Sends everything that is planned; ends when each delivery was taken. */
  run(groups: readonly PlannedGroup[]): Promise<void>;
}

const firstRetryMs = 300;
const longestRetryMs = 3_000;
const answerMs = 10_000;

/**
 * Sends as Alertmanager does: a notification again and again until it is answered with 2xx, and of
 * one group the next only after that. Each try goes to the next of the receivers, as behind a load balancer.
 */
export function createSender({ urls }: { readonly urls: readonly string[] }): Sender {
  let deliveries = 0;
  let refused = 0;
  let tries = 0;

  async function deliver(body: unknown): Promise<void> {
    let retryMs = firstRetryMs;
    while (!(await isTaken(body))) {
      refused += 1;
      await sleep(retryMs);
      retryMs = Math.min(retryMs * 1.5, longestRetryMs);
    }
    deliveries += 1;
  }

  async function isTaken(body: unknown): Promise<boolean> {
    tries += 1;
    const url = urls[tries % urls.length] ?? '';
    const options = { signal: AbortSignal.timeout(answerMs) };
    const answer = await postAlerts(url, body, { connection: 'close' }, options).catch(() => null);
    await answer?.body?.cancel();
    return answer?.ok === true;
  }

  async function send(group: PlannedGroup): Promise<void> {
    await sleep(group.startsMs);
    const startsAt = new Date().toISOString();
    const endsAt = new Date(Date.now() + group.firesMs).toISOString();
    const firing = group.alerts.map((labels) => webhookAlert(labels, { startsAt }));
    const resolved = firing.map((alert) => ({ ...alert, status: 'resolved', endsAt }));
    await Promise.all(
      group.members.map((member) =>
        sendAs(member, group.firesMs, {
          firing: webhookBody(firing, group.key),
          resolved: webhookBody(resolved, group.key),
        }),
      ),
    );
  }

  async function sendAs(
    { lateMs, repeatsMs }: PlannedMember,
    firesMs: number,
    { firing, resolved }: { readonly firing: unknown; readonly resolved: unknown },
  ): Promise<void> {
    const resolvesAt = Date.now() + lateMs + firesMs;
    await sleep(lateMs);
    await deliver(firing);
    for (const pauseMs of repeatsMs) {
      await sleep(pauseMs);
      await deliver(firing);
    }
    await sleep(Math.max(0, resolvesAt - Date.now()));
    await deliver(resolved);
  }

  return {
    deliveries: () => deliveries,
    refused: () => refused,
    async run(groups) {
      await Promise.all(groups.map(send));
    },
  };
}

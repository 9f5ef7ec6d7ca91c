import type { PostedAlert } from '../alertmanager/alertmanager.js';
import type { AlertmanagerCluster } from '../alertmanager/alertmanager-cluster.js';
import { ownAlertLabel, ownAlertName } from '../alertmanager/own-alert.js';
import type { Escalation } from '../ledger/escalation.js';
import type { Ledger } from '../ledger/ledger.js';
import { takePeriodicLease } from '../ledger/periodic-lease.js';
import { executed } from '../ledger/pipeline.js';
import type { Clock } from '../lib/clock.js';
import { runbookUrl } from '../lib/documentation.js';
import { messageOf } from '../lib/errors.js';
import type { Logger } from '../lib/logger.js';
import type { NotifyMode } from './notify-alertmanager.js';

/** How long Slack may fail before it is told elsewhere; what it refuses is told at once. */
const patienceMs = 5 * 60_000;
const everyMs = 30_000;
/** An alert of ours ends by itself if no one keeps it alive any more. */
const livesMs = 5 * 60_000;
/** The oldest of them; more would say nothing new. */
const maxAlerts = 200;
const shownCharacters = 500;

interface Options {
  readonly ledger: Ledger;
  /** `undefined`: there is no Alertmanager to tell. */
  readonly cluster: Pick<AlertmanagerCluster, 'post'> | undefined;
  /** Of the policy, asked at each turn: with `always` each escalation has an alert anyway, and none is raised here. */
  readonly mode: () => NotifyMode;
  readonly clock: Clock;
  readonly log: Logger;
}

interface Undelivered {
  readonly id: string;
  readonly sinceMs: number;
  readonly escalation: Escalation;
  readonly fault: string;
  /** Slack's own word for a refusal; `null`: it may still come through. */
  readonly refused: string | null;
}

/** Notes that a try to deliver an escalation failed; the first one counts. */
export async function noteUndelivered(
  { keys, redis }: Ledger,
  id: string,
  { fault, refused }: { readonly fault: string; readonly refused: string | null },
  nowMs: number,
): Promise<void> {
  const pipeline = redis
    .pipeline()
    .zadd(keys.undelivered, 'NX', nowMs, id)
    .hset(keys.escalation(id), 'fault', fault);
  if (refused !== null) pipeline.hset(keys.escalation(id), 'refused', refused);
  await executed(pipeline);
}

/**
 * Keeps an alert of our own firing in Alertmanager for every open escalation that does not get
 * through to Slack, and ends it when it did. Call it again and again, in every worker.
 */
export function createUndeliveredAlarm({
  ledger,
  cluster,
  mode,
  clock,
  log,
}: Options): () => Promise<void> {
  const { keys, redis } = ledger;

  /** @throws what Redis throws; the next turn starts again. */
  return async function raise(): Promise<void> {
    const nowMs = clock.now();
    if (!(await takePeriodicLease(ledger, 'undelivered', everyMs, nowMs))) return;
    const owed = await stillOwed();
    if (cluster === undefined) return;
    const notified = new Set(Object.keys(await redis.hgetall(keys.notified)));
    const due = owed.filter(({ id, sinceMs, refused }) => {
      if (mode() === 'always' || notified.has(id)) return false;
      return refused !== null || sinceMs + patienceMs <= nowMs;
    });
    const dueIds = new Set(due.map(({ id }) => id));
    const over = (await redis.smembers(keys.ownAlerts)).filter((id) => !dueIds.has(id));
    const alerts = [
      ...due.map((one) => firing(one, nowMs + livesMs)),
      ...over.map((id) => ended(id, nowMs)),
    ];
    if (alerts.length === 0) return;
    try {
      await cluster.post(alerts);
    } catch (error) {
      log.error({ fault: messageOf(error) }, 'escalations reached neither Slack nor Alertmanager');
      return;
    }
    const pipeline = redis.pipeline();
    if (dueIds.size > 0) pipeline.sadd(keys.ownAlerts, ...dueIds);
    if (over.length > 0) pipeline.srem(keys.ownAlerts, ...over);
    await executed(pipeline);
  };

  /** The escalations that Slack has not taken yet, oldest first; those that are over are forgotten. */
  async function stillOwed(): Promise<readonly Undelivered[]> {
    const found = await redis.zrange(keys.undelivered, '0', String(maxAlerts - 1), 'WITHSCORES');
    const ids = found.filter((_, index) => index % 2 === 0);
    const all = await Promise.all(
      ids.map(async (id, index) => {
        const stored = await ledger.escalation(id);
        if (stored === null || stored.value.state !== 'open' || stored.value.posted !== null) {
          await redis.zrem(keys.undelivered, id);
          return [];
        }
        const key = keys.escalation(id);
        const [fault, refused] = await redis.hmget(key, 'fault', 'refused');
        return [
          {
            id,
            sinceMs: Number(found[2 * index + 1]),
            escalation: stored.value,
            fault: fault ?? '',
            refused: refused ?? null,
          },
        ];
      }),
    );
    return all.flat();
  }
}

function labelsOf(id: string) {
  return { alertname: ownAlertName, severity: 'critical', escalation: id, ...ownAlertLabel };
}

function firing({ id, sinceMs, escalation, fault }: Undelivered, endsAtMs: number): PostedAlert {
  const { title, detail } = escalation;
  return {
    labels: labelsOf(id),
    annotations: {
      summary: `Not delivered to people: ${title}`,
      description: `${detail.slice(0, shownCharacters)}\n${fault}\nAnswer it on the console or at /api/v1/escalations/${id}.`,
      runbook_url: runbookUrl(ownAlertName),
    },
    startsAtMs: sinceMs,
    endsAtMs,
  };
}

function ended(id: string, nowMs: number): PostedAlert {
  return { labels: labelsOf(id), annotations: {}, startsAtMs: nowMs - 1, endsAtMs: nowMs };
}

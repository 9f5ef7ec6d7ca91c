import type { Labels } from '../alertmanager/alert.js';
import type { PostedAlert } from '../alertmanager/alertmanager.js';
import type { AlertmanagerCluster } from '../alertmanager/alertmanager-cluster.js';
import { escalationAlertName, ownAlertLabel } from '../alertmanager/own-alert.js';
import type { Escalation } from '../ledger/escalation.js';
import { maxSkewMs } from '../ledger/fence.js';
import type { Ledger } from '../ledger/ledger.js';
import { takePeriodicLease } from '../ledger/periodic-lease.js';
import { executed } from '../ledger/pipeline.js';
import { reasons } from '../ledger/reason.js';
import type { Write } from '../ledger/transaction.js';
import type { Clock } from '../lib/clock.js';
import { messageOf } from '../lib/errors.js';
import type { Logger } from '../lib/logger.js';

const everyMs = 5_000;
/** How often the alerts are kept alive, and how long one fires without that. */
const renewEveryMs = 60_000;
const livesMs = 5 * 60_000;
/** The newest of them; more would not be read. */
const maxAlerts = 1_000;
const shownCharacters = 2_000;

/** Whether escalations go to Alertmanager always, or only where Slack takes no message. */
export type NotifyMode = 'always' | 'fallback';

interface Options {
  readonly ledger: Ledger;
  /** `undefined`: there is no Alertmanager to tell. */
  readonly cluster: Pick<AlertmanagerCluster, 'post'> | undefined;
  /** Of the policy: asked at each turn. */
  readonly mode: () => NotifyMode;
  /** Where people's browsers reach the console, as an origin; `undefined`: alerts link nowhere. */
  readonly consoleUrl: string | undefined;
  /** What was found about each of these escalations, in words; `null`: nothing yet. Throws what Redis throws. */
  readonly evidenceOf: (ids: readonly string[]) => Promise<readonly (string | null)[]>;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Keeps an alert firing in Alertmanager for each open escalation while the policy says so, and resolves it
 * when the escalation is closed. Evidence that is gathered meanwhile comes with the next renewal. Offers of a
 * playbook are left out: they are no emergency. Call it again and again, in every worker.
 */
export function createAlertmanagerNotifier(options: Options): () => Promise<void> {
  const { ledger, cluster, mode, consoleUrl, evidenceOf, clock, log } = options;
  const { keys, redis } = ledger;

  /** @throws what Redis throws; the next turn starts again. */
  return async function notify(): Promise<void> {
    const nowMs = clock.now();
    if (!(await takePeriodicLease(ledger, 'notify', everyMs, nowMs))) return;
    const [posted, open, undelivered] = await Promise.all([
      redis.hgetall(keys.notified),
      mode() === 'always' ? redis.zrevrange(keys.openEscalations, 0, maxAlerts - 1) : [],
      redis.smembers(keys.ownAlerts),
    ]);
    // whose other alert still fires has to wait for its end
    const others = new Set(undelivered);
    const due = await escalationsOf(open.filter((id) => !others.has(id)));
    const dueIds = new Set(due.map(({ id }) => id));
    const over = Object.entries(posted).filter(([id]) => !dueIds.has(id));
    const isNew = due.some(({ id }) => posted[id] === undefined);
    if (due.length === 0 && over.length === 0) return;
    const isRenewal = await takePeriodicLease(ledger, 'notify-renew', renewEveryMs, nowMs);
    if (!isRenewal && !isNew && over.length === 0) return;
    if (cluster === undefined) {
      const why = 'notify.alertmanager: always needs ALERTMANAGER_URL';
      if (isRenewal) log.warn({ why }, 'escalations are not posted to Alertmanager');
      return;
    }
    const renewed = due.filter(({ id }) => isRenewal || posted[id] === undefined);
    const evidence = await evidenceOf(renewed.map(({ id }) => id));
    const wanted = renewed.map((one, index) => {
      const alert = firing(one, evidence[index] ?? null, consoleUrl, nowMs + livesMs);
      return { id: one.id, alert };
    });
    try {
      await cluster.post([
        ...wanted.map(({ alert }) => alert),
        ...over.map(([, labels]) => ended(JSON.parse(labels), nowMs)),
      ]);
    } catch (error) {
      log.error(
        { fault: messageOf(error) },
        'escalations not posted to Alertmanager; trying again',
      );
      return;
    }
    const writes: Write[] = [
      ...wanted.map(
        ({ id, alert }): Write => ['HSET', keys.notified, id, JSON.stringify(alert.labels)],
      ),
      ...(over.length === 0 ? [] : [['HDEL', keys.notified, ...over.map(([id]) => id)] as const]),
    ];
    await ledger.commit({ checks: [], writes, nowMs });
  };

  async function escalationsOf(ids: readonly string[]): Promise<readonly Escalation[]> {
    if (ids.length === 0) return [];
    const pipeline = redis.pipeline();
    for (const id of ids) pipeline.hget(keys.escalation(id), 'data');
    const texts = (await executed(pipeline)) as (string | null)[];
    return texts
      .flatMap((text) => (text === null ? [] : (JSON.parse(text) as Escalation)))
      .filter(({ state, kind }) => state === 'open' && kind !== 'lesson');
  }
}

/** The labels are the same from first to last: by them Alertmanager knows which alert is renewed and resolved. */
function labelsOf({ id, labels, playbook, reason }: Escalation): Labels {
  const { severity, service } = labels;
  return {
    alertname: escalationAlertName,
    severity: severity || 'critical',
    ...(service ? { service } : {}),
    ...(playbook ? { playbook } : {}),
    reason,
    escalation: id,
    ...ownAlertLabel,
  };
}

function firing(
  escalation: Escalation,
  evidence: string | null,
  consoleUrl: string | undefined,
  endsAtMs: number,
): PostedAlert {
  const { id, title, detail, reason, annotations, createdAtMs } = escalation;
  const { runbook_url: runbook, dashboard_url: dashboard } = annotations;
  const link = consoleUrl && `${consoleUrl}/escalations/${id}`;
  return {
    labels: labelsOf(escalation),
    annotations: {
      summary: title,
      description: (detail || reasons[reason]).slice(0, shownCharacters),
      reason: reasons[reason],
      ...(evidence ? { evidence: evidence.slice(0, shownCharacters) } : {}),
      answer: link || `jidoka ack ${id}`,
      ...(runbook ? { runbook_url: runbook } : {}),
      ...(dashboard ? { dashboard_url: dashboard } : {}),
    },
    startsAtMs: createdAtMs,
    endsAtMs,
  };
}

/** Ended by as much as clocks may differ: Alertmanager ends nothing before its own clock says so. */
function ended(labels: Labels, nowMs: number): PostedAlert {
  const endsAtMs = nowMs - maxSkewMs;
  return { labels, annotations: {}, startsAtMs: endsAtMs - 1, endsAtMs };
}

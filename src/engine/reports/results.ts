import type { PostedAlert } from '../../alertmanager/alertmanager.js';
import type { AlertmanagerCluster } from '../../alertmanager/alertmanager-cluster.js';
import { ownAlertLabel } from '../../alertmanager/own-alert.js';
import { describeChange } from '../../integrations/operations.js';
import { takePeriodicLease } from '../../ledger/periodic-lease.js';
import { executed } from '../../ledger/pipeline.js';
import { reasons } from '../../ledger/reason.js';
import { currentStep, type Run } from '../../ledger/run.js';
import type { Write } from '../../ledger/transaction.js';
import { messageOf } from '../../lib/errors.js';
import type { EngineContext, RedisContext } from '../context/context.js';

/*
 * What became of runs, posted to Alertmanager as docker-scaler posted it: for routes that show it to
 * people. The transaction of a run notes what is to be posted; a worker posts it soon after.
 */

const everyMs = 2_000;
/** As long as docker-scaler's alerts fired. */
const livesMs = 10_000;
/** What could not be posted for so long is no news any more. */
const patienceMs = 10 * 60_000;
const maxAlerts = 200;
const maxTextLength = 500;

/** The write that has a run's change (`pending`) or its end posted, where the policy asks for that. */
export function resultWrites({ ledger, actions, active }: EngineContext, run: Run): Write[] {
  if (!active().policy.alertmanager.postResults) return [];
  if (actions.get(currentStep(run).action)?.resultAlert === undefined) return [];
  if (run.state !== 'ended') {
    // one for a run: its repeats are part of its end
    const isFirst = run.attempts.length === 1 && run.state === 'converging';
    return isFirst ? [['ZADD', ledger.keys.results, run.createdAtMs, `pending:${run.id}`]] : [];
  }
  if (run.outcome?.kind === 'withdrawn' && run.outcome.reason !== 'cancelled') return [];
  return [['ZADD', ledger.keys.results, run.endedAtMs ?? run.createdAtMs, `ended:${run.id}`]];
}

/**
 * Posts what was noted of runs to Alertmanager. Call it again and again, in every worker.
 *
 * @param options.cluster `undefined`: there is no Alertmanager; what was noted is forgotten.
 */
export function createResultPoster({
  context: { ledger, actions, clock, log },
  cluster,
}: {
  readonly context: RedisContext;
  readonly cluster: Pick<AlertmanagerCluster, 'post'> | undefined;
}): () => Promise<void> {
  const { keys, redis } = ledger;

  /** @throws what Redis throws; the next turn starts again. */
  return async function postResults(): Promise<void> {
    const nowMs = clock.now();
    if (!(await takePeriodicLease(ledger, 'results', everyMs, nowMs))) return;
    const forgotten = await redis.zremrangebyscore(keys.results, '-inf', nowMs - patienceMs);
    if (forgotten > 0) log.warn({ forgotten }, 'results of runs were not posted to Alertmanager');
    const items = await redis.zrange(keys.results, '0', String(maxAlerts - 1));
    if (items.length === 0) return;
    if (cluster === undefined) {
      await redis.zrem(keys.results, ...items);
      const why = 'alertmanager.post_results needs ALERTMANAGER_URL';
      log.warn({ why }, 'results of runs are not posted to Alertmanager');
      return;
    }
    const alerts = (await Promise.all(items.map((item) => alertOf(item, nowMs)))).flat();
    try {
      if (alerts.length > 0) await cluster.post(alerts);
    } catch (error) {
      log.warn({ fault: messageOf(error) }, 'results of runs not posted; trying again');
      return;
    }
    await executed(redis.multi().zrem(keys.results, ...items));
  };

  async function alertOf(item: string, nowMs: number): Promise<PostedAlert[]> {
    const [state, id = ''] = item.split(':', 2);
    const run = (await ledger.run(id))?.value;
    if (run === undefined) return [];
    // what has ended meanwhile has an item of its own
    if (state === 'pending' && run.state === 'ended') return [];
    const step = currentStep(run);
    const kind = actions.get(step.action)?.resultAlert;
    if (kind === undefined) return [];
    const { alertname, service = step.target.name } = kind;
    const labels = { alertname, service, status: statusOf(run), ...ownAlertLabel };
    const annotations = { request: requestOf(run), summary: summaryOf(run) };
    return [{ labels, annotations, startsAtMs: nowMs, endsAtMs: nowMs + livesMs }];
  }
}

/** docker-scaler's words for it. */
function statusOf({ state, outcome }: Run): 'pending' | 'success' | 'error' {
  if (state !== 'ended') return 'pending';
  return outcome?.kind === 'done' ? 'success' : 'error';
}

function requestOf({ origin, labels }: Run): string {
  const { alertname = 'an alert' } = labels;
  const who = origin.kind === 'playbook' ? `playbook ${origin.playbook}` : origin.by;
  return `${alertname} (${who})`.slice(0, maxTextLength);
}

function summaryOf(run: Run): string {
  const changes = run.attempts.map(({ change }) => describeChange(change));
  const outcome = run.state === 'ended' ? run.outcome : null;
  const why =
    outcome === null || outcome.kind === 'done'
      ? []
      : [[reasons[outcome.reason], outcome.detail].filter((text) => text !== '').join(': ')];
  const said = [...why, ...changes];
  return (said.length === 0 ? (outcome?.detail ?? '') : said.join('; ')).slice(0, maxTextLength);
}

import type { Labels } from '../../alertmanager/alert.js';
import { AlertmanagerError } from '../../alertmanager/alertmanager-error.js';
import type { Silence } from '../../ledger/alertmanager-silence.js';
import type { Escalation } from '../../ledger/escalation.js';
import type { Ledger } from '../../ledger/ledger.js';
import type { StoredEscalation } from '../../ledger/record-reads.js';
import { scheduleItem } from '../../ledger/schedule-item.js';
import type { EngineContext } from '../context/context.js';

/** Longer than asking all members and then one of them takes to time out. */
const leaseMs = 30_000;
const minBackoffMs = 5_000;
const maxBackoffMs = 60_000;
const maxAlerts = 1_000;

/**
 * Asks Alertmanager for the silence that a person chose, until it takes it or the time of the silence has
 * passed. One worker at a time does; after a crash it is looked for before it is asked for again, so that
 * it is made once.
 */
export async function askForSilence(context: EngineContext, escalationId: string): Promise<void> {
  const { ledger, clock, cluster, log } = context;
  const stored = await ledger.escalation(escalationId);
  const silence = stored?.value.silence;
  const nowMs = clock.now();
  if (stored === null || silence?.state !== 'wanted') return forget(context, escalationId);
  if (silence.leaseUntilMs > nowMs) return;
  if (silence.untilMs <= nowMs) {
    const fault = silence.fault ?? 'Jidoka could not request it in time';
    return void (await save(context, stored, { ...silence, state: 'failed', fault }));
  }
  const labels = silence.labels ?? (await labelsOf(context, stored.value));
  const claimed = { ...silence, labels, leaseUntilMs: nowMs + leaseMs };
  const mine = await save(context, stored, claimed);
  if (mine === null) return;
  try {
    if (cluster === undefined)
      throw new AlertmanagerError('refused', 'ALERTMANAGER_URL is not set');
    const id = await cluster.silence({
      labels,
      untilMs: silence.untilMs,
      createdBy: silence.by,
      mark: `Jidoka escalation ${escalationId}`,
      comment: `Silenced through Jidoka by ${silence.by} (${stored.value.title}, /api/v1/escalations/${escalationId})`,
    });
    await save(context, mine, { ...claimed, state: 'active', id, fault: null });
  } catch (error) {
    if (!(error instanceof AlertmanagerError)) throw error;
    log.warn(
      { escalation: escalationId, fault: error.message },
      'silence not created yet; retried',
    );
    await save(context, mine, { ...claimed, leaseUntilMs: 0, fault: error.message });
  }
}

/** Whether Alertmanager can know alerts of a case: of none that fires is it known to be another's. @throws what Redis throws. */
export async function isInAlertmanager(
  ledger: Pick<Ledger, 'redis' | 'keys' | 'episodes'>,
  caseId: string,
): Promise<boolean> {
  const identities = await ledger.redis.smembers(ledger.keys.caseOpen(caseId));
  const known = (await ledger.episodes(identities.slice(0, maxAlerts))).filter(
    (stored) => stored !== null,
  );
  return known.length === 0 || known.some(({ value }) => value.source === 'alertmanager');
}

/** What all alerts of the escalation that still fire have in common, less the labels that make no difference. */
async function labelsOf(
  { ledger, active }: EngineContext,
  { caseId, labels }: Escalation,
): Promise<Labels> {
  const identities = await ledger.redis.smembers(ledger.keys.caseOpen(caseId));
  const episodes = await ledger.episodes(identities.slice(0, maxAlerts));
  const all = episodes.flatMap((episode) => (episode === null ? [] : [episode.value.labels]));
  const ignored = new Set(active().policy.ignoredLabels);
  const common = Object.entries(labels).filter(
    ([name, value]) =>
      value !== '' && !ignored.has(name) && all.every((others) => others[name] === value),
  );
  // what has not even its name in common would silence strangers: then it is the first alert alone
  const isNarrow = common.some(([name]) => name === 'alertname');
  const own = Object.entries(labels).filter(([name, value]) => value !== '' && !ignored.has(name));
  return Object.fromEntries(isNarrow ? common : own);
}

/** `null`: another worker was faster. */
async function save(
  { ledger, clock, wake }: EngineContext,
  stored: StoredEscalation,
  silence: Silence,
): Promise<StoredEscalation | null> {
  const nowMs = clock.now();
  const { value } = stored;
  const item = scheduleItem('silence', value.id);
  const { state, fault, leaseUntilMs } = silence;
  const isNews = state !== 'wanted' || fault !== (value.silence?.fault ?? null);
  const next = { ...value, silence };
  const { check, writes } = ledger.saveEscalation(stored, next, isNews ? nowMs : null);
  const waitedMs = nowMs - (value.answer?.atMs ?? nowMs);
  const againAtMs =
    leaseUntilMs > nowMs
      ? leaseUntilMs
      : nowMs + Math.min(Math.max(waitedMs / 2, minBackoffMs), maxBackoffMs);
  const result = await ledger.commit({
    checks: [check],
    writes: [
      ...writes,
      state === 'wanted'
        ? ['ZADD', ledger.keys.schedule, againAtMs, item]
        : ['ZREM', ledger.keys.schedule, item],
      ...(state === 'wanted' ? [] : [ledger.audit(recordOf(next, silence, nowMs))]),
    ],
    nowMs,
  });
  if (result.kind !== 'committed') return null;
  if (isNews) await wake(scheduleItem('message', value.id), nowMs);
  if (state === 'wanted') await wake(item, againAtMs);
  return { ...stored, rev: stored.rev + 1, value: next };
}

function recordOf({ id }: Escalation, { state, id: silenceId, fault, by }: Silence, atMs: number) {
  const about = { atMs, subject: 'escalation', id, reason: 'silenced', by } as const;
  return state === 'active'
    ? { ...about, event: 'silenced', detail: `silence ${silenceId}` }
    : { ...about, event: 'not_silenced', detail: fault ?? '' };
}

async function forget({ ledger, clock }: EngineContext, id: string): Promise<void> {
  const write = ['ZREM', ledger.keys.schedule, scheduleItem('silence', id)] as const;
  await ledger.commit({ checks: [], writes: [[...write]], nowMs: clock.now() });
}

import type {
  EvidenceSource,
  GroupActivity,
  TaskEvidence,
} from '../integrations/contract/evidence.js';
import { withDeadline } from '../integrations/contract/transport.js';
import {
  createEvidenceStore,
  type Evidence,
  type MetricEvidence,
  type Missing,
  type Part,
} from '../ledger/evidence.js';
import type { Ledger } from '../ledger/ledger.js';
import { isRedisFault } from '../ledger/redis-fault.js';
import {
  readScheduleItem,
  type ScheduleItem,
  scheduleItem,
  type Wake,
} from '../ledger/schedule-item.js';
import { createTargetHistory } from '../ledger/target-history.js';
import type { Write } from '../ledger/transaction.js';
import type { Clock } from '../lib/clock.js';
import { messageOf } from '../lib/errors.js';
import type { Logger } from '../lib/logger.js';
import type { Prometheus } from '../prometheus/prometheus.js';
import { readChanges, type TargetOfSource } from './changes.js';
import { headlineOf } from './headline.js';
import { logLine } from './log-line.js';
import { createMetricReader } from './metric.js';
import { readPrecedents } from './precedents.js';
import { createRelatedReader } from './related.js';
import { type EvidenceSubject, readSubject } from './subject.js';

/** What each part may take. All are read side by side, so that a message is edited within 5 s. */
const partMs = 3_000;
/** So many open escalations of a thread are gathered unasked, the oldest. A look at another gathers it. */
const maxOfThread = 50;
/** What is read of each kind at most: an alert is about one target, or a few. */
const maxTargets = 3;
const maxLogLines = 20;

interface Options {
  readonly ledger: Ledger;
  readonly prometheuses: readonly Prometheus[];
  readonly sources: readonly EvidenceSource[];
  /** Whether the policy in use allows lines of logs. */
  readonly logs: () => boolean;
  /** What the engine knows to be secret. */
  readonly secrets: readonly string[];
  readonly wake: Wake;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Gathers what a person needs to see about an escalation or a run. It reads only, and nothing waits for it:
 * it has a queue and workers of its own. Each part has its own time, and says why it is missing.
 */
export function createEvidenceGatherer(options: Options) {
  const { ledger, prometheuses, sources, logs, secrets, wake, clock, log } = options;
  const { keys } = ledger;
  const store = createEvidenceStore(ledger);
  const history = createTargetHistory({ ledger, clock });
  const readMetric = createMetricReader(prometheuses);
  const readRelated = createRelatedReader({ ledger, clock });

  /** Begins to gather for an escalation whose message was looked at, the first time. Throws what Redis throws. */
  async function begin(escalationId: string): Promise<void> {
    if ((await ledger.redis.exists(keys.gathered(escalationId))) === 1) return;
    const escalation = await ledger.escalation(escalationId);
    // an offer is about no alert, and what is closed needs no one to look
    if (escalation === null || escalation.value.kind === 'lesson') return;
    if (escalation.value.state !== 'open') return;
    const { thread } = escalation.value;
    if (thread !== undefined) {
      const rank = await ledger.redis.zrank(keys.threadOpen(thread), escalationId);
      if (rank === null || rank >= maxOfThread) return;
    }
    const nowMs = clock.now();
    if (await store.want(escalationId, nowMs))
      await wake(scheduleItem('evidence', escalationId), nowMs);
  }

  /** Gathers what an item of the schedule asks for, if another worker does not. Throws what Redis throws. */
  async function look(item: ScheduleItem): Promise<void> {
    const { id } = readScheduleItem(item);
    if (!(await store.begin(id))) return;
    const subject = await readSubject(ledger, id);
    const evidence = subject && (await gathered(subject));
    const isFirst = (await ledger.redis.exists(keys.gathered(id))) === 0;
    const nowMs = clock.now();
    const message = scheduleItem('message', id);
    const thread = subject && isFirst ? await threadOf(id) : null;
    const edits: Write[] =
      thread === null
        ? []
        : [
            ['ZADD', keys.schedule, nowMs, message],
            ['ZADD', keys.schedule, nowMs, scheduleItem('thread', thread)],
          ];
    await store.finish(id, evidence, nowMs, edits);
    if (thread !== null) await wake(message, nowMs);
  }

  /** Where the escalation is shown in Slack; `null`: nowhere. */
  async function threadOf(id: string): Promise<string | null> {
    return (await ledger.escalation(id))?.value.thread ?? null;
  }

  /** `null`: it cannot be gathered, by a fault of ours; trying again would only repeat it. */
  async function gathered(subject: EvidenceSubject): Promise<Evidence | null> {
    try {
      return await gather(subject);
    } catch (error) {
      if (isRedisFault(error)) throw error;
      log.error({ subject: subject.id, err: error }, 'evidence not gathered');
      return null;
    }
  }

  async function gather(subject: EvidenceSubject): Promise<Evidence> {
    const { labels, alertAtMs, caseId } = subject;
    const nowMs = clock.now();
    const metric = part('metric', (signal) => readMetric(subject, nowMs, signal));
    const targets = targetsOf(subject);
    // each part that needs them says why they are missing
    targets.catch(() => {});
    const [changes, tasks, group, lastTime, related] = await Promise.all([
      part('changes', async () =>
        readChanges({ ledger, history }, await targets, alertAtMs, nowMs),
      ),
      part('tasks', async () => readTasks(await targets)),
      part('group', async () => readGroups(await targets)),
      part('last time', async () => {
        const { shown } = await readPrecedents(ledger, labels, caseId);
        if (shown.length > 0) return { precedents: shown };
        return { missing: 'No earlier alert with this name and service in the last 30 days.' };
      }),
      part('related', () => readRelated(subject)),
    ]);
    return {
      id: subject.id,
      gatheredAtMs: nowMs,
      alertAtMs,
      headline: headlineOf({ changes, tasks }, alertAtMs),
      metric: (await metric) satisfies Part<MetricEvidence>,
      changes,
      tasks,
      group,
      lastTime,
      related,
    };
  }

  /** Reads one part in its time. What fails is said in its place; only Redis' own faults go on. */
  async function part<T extends object>(
    name: string,
    read: (signal: AbortSignal) => Promise<T | Missing>,
  ): Promise<T | Missing> {
    try {
      return await withDeadline(partMs, read);
    } catch (error) {
      if (isRedisFault(error)) throw error;
      log.debug({ part: name, fault: messageOf(error) }, 'evidence not read');
      return { missing: `Not read: ${messageOf(error)}.` };
    }
  }

  async function targetsOf({
    labels,
    targets,
  }: EvidenceSubject): Promise<readonly TargetOfSource[]> {
    const looks = await Promise.allSettled(
      sources.map(async (source) => {
        const own = await withDeadline(partMs, () => source.targets({ labels, targets }));
        return own.map((target) => ({ source, target }));
      }),
    );
    const found = looks.flatMap((look) => (look.status === 'fulfilled' ? look.value : []));
    const failed = looks.find((look) => look.status === 'rejected');
    // a system that is away does not hide what others say
    if (found.length === 0 && failed !== undefined) throw failed.reason;
    return found.slice(0, maxTargets);
  }

  async function readTasks(targets: readonly TargetOfSource[]): Promise<Evidence['tasks']> {
    const services: TaskEvidence[] = [];
    for (const { source, target } of targets) {
      const found = await source.tasks?.(target, { logs: logs() });
      if (found != null) services.push(masked(found, secrets));
    }
    return services.length > 0
      ? { services }
      : { missing: 'The alert names no service of the Swarm.' };
  }

  async function readGroups(targets: readonly TargetOfSource[]): Promise<Evidence['group']> {
    const groups: { readonly name: string; readonly activities: readonly GroupActivity[] }[] = [];
    for (const { source, target } of targets) {
      const activities = await source.activities?.(target);
      if (activities !== undefined) groups.push({ name: target.name, activities });
    }
    return groups.length > 0 ? { groups } : { missing: 'The alert names no Auto Scaling group.' };
  }

  return { begin, look };
}

function masked(tasks: TaskEvidence, secrets: readonly string[]): TaskEvidence {
  if (tasks.logs === undefined) return tasks;
  const lines = tasks.logs.slice(-maxLogLines);
  return { ...tasks, logs: lines.map((line) => logLine(line, secrets)) };
}

import type { GroupActivity, TaskEvidence } from '../integrations/contract/evidence.js';
import { retentionMs } from './codec.js';
import type { Ledger } from './ledger.js';
import { executed } from './pipeline.js';
import { scheduleItem } from './schedule-item.js';
import type { Write } from './transaction.js';

/** Why a part has nothing to show, in a sentence. */
export interface Missing {
  readonly missing: string;
}

/** A part of the evidence, or why there is none. */
export type Part<T> = T | Missing;

/** One line of a plot. */
export interface MetricSeries {
  readonly labels: Readonly<Record<string, string>>;
  /** A value for each step; `null`: there is none, or it is not finite. */
  readonly values: readonly (number | null)[];
}

/** The alert's own expression over time. */
export interface MetricEvidence {
  /** The expression of the line, which is the rule's or its left side. */
  readonly expression: string;
  readonly threshold: {
    /** As it reads behind the line: `>`. */
    readonly operator: string;
    readonly expression: string;
    /** One number, or one for each step. */
    readonly value: number | readonly (number | null)[];
  } | null;
  readonly fromMs: number;
  readonly stepMs: number;
  readonly series: readonly MetricSeries[];
  /** How many series could be the alert's; more than are shown where it is not known which it is. */
  readonly found: number;
  /** What else to know about it, a sentence each. */
  readonly notes: readonly string[];
  /** The page of Prometheus that shows the expression; `null`: it is not known how people reach it. */
  readonly graphUrl: string | null;
}

/** Something that happened around the alert. */
export interface TimelineItem {
  readonly atMs: number;
  /** `run` or the kind of a `TargetEvent`. */
  readonly kind: string;
  /** In words: `web deployed: shop:1.4 → shop:1.5`. */
  readonly text: string;
  /** The run of Jidoka that it is; left out: others did it. */
  readonly runId?: string;
}

/** What changed before the alert and since. */
export interface ChangesEvidence {
  readonly fromMs: number;
  /** Newest first. */
  readonly items: readonly TimelineItem[];
  /** Why something may be missing; left out: all was seen. */
  readonly note?: string;
}

/** What was done about an earlier alert of the same name and service. */
export interface Precedent {
  /** The id of a run, or of an escalation where nothing was run. */
  readonly id: string;
  readonly kind: 'run' | 'escalation';
  readonly atMs: number;
  readonly what: string;
  /** The playbook or the person. `null`: no one. */
  readonly by: string | null;
  readonly result: 'helped' | 'failed' | 'unknown' | 'none';
  /** From the first change until the alert resolved. */
  readonly tookMs: number | null;
}

/** Another alert that fires. */
export interface RelatedAlert {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly openedAtMs: number;
  /** What it has in common: Alertmanager's group, or what it is about. */
  readonly shares: 'group' | 'target';
}

/** What was found about an escalation or a run. */
export interface Evidence {
  /** The id of the escalation or run. */
  readonly id: string;
  readonly gatheredAtMs: number;
  /** Since when the alert fires. */
  readonly alertAtMs: number;
  /** What a person should see first; `null`: nothing stands out. */
  readonly headline: string | null;
  readonly metric: Part<MetricEvidence>;
  readonly changes: Part<ChangesEvidence>;
  readonly tasks: Part<{ readonly services: readonly TaskEvidence[] }>;
  readonly group: Part<{
    readonly groups: readonly {
      readonly name: string;
      readonly activities: readonly GroupActivity[];
    }[];
  }>;
  readonly lastTime: Part<{ readonly precedents: readonly Precedent[] }>;
  readonly related: Part<{ readonly alerts: readonly RelatedAlert[]; readonly total: number }>;
}

/** Whether a part has something to show. */
export function isThere<T extends object>(part: Part<T>): part is T {
  return !('missing' in part);
}

/** How long one worker may gather alone: longer than all its parts may take. */
const leaseMs = 30_000;
/** How soon evidence is gathered again at most while someone looks at it. */
const freshMs = 60_000;
/** How long after the end of what it is about its values still change. */
const settlesMs = 15 * 60_000;

/** Evidence in the ledger: whose is wanted, who gathers it, and what was found. Every method throws what ioredis throws. */
export function createEvidenceStore(ledger: Ledger) {
  const { redis, keys } = ledger;

  /** Reads what was found; `null`: nothing was gathered yet, or it is not kept any more. */
  async function read(id: string): Promise<Evidence | null> {
    const text = await redis.get(keys.gathered(id));
    return text === null ? null : (JSON.parse(text) as Evidence);
  }

  /** Reads what was found about each of these, in one round trip. */
  async function readAll(ids: readonly string[]): Promise<readonly (Evidence | null)[]> {
    if (ids.length === 0) return [];
    const texts = await redis.mget(ids.map(keys.gathered));
    return texts.map((text) => (text === null ? null : (JSON.parse(text) as Evidence)));
  }

  /** What a person should see first about each of these, in one round trip; `null`: nothing is known or stands out. */
  async function headlines(ids: readonly string[]): Promise<readonly (string | null)[]> {
    return (await readAll(ids)).map((evidence) => evidence?.headline ?? null);
  }

  /** Puts it on the schedule; `false`: it is there already. */
  async function want(id: string, nowMs: number): Promise<boolean> {
    return (await redis.zadd(keys.schedule, 'NX', nowMs, scheduleItem('evidence', id))) === 1;
  }

  /** Has one worker gather it; `false`: no one wants it, or another worker gathers it. */
  async function begin(id: string): Promise<boolean> {
    const item = scheduleItem('evidence', id);
    if ((await redis.zscore(keys.schedule, item)) === null) return false;
    return (await redis.set(keys.gathering(id), '1', 'PX', leaseMs, 'NX')) !== null;
  }

  /**
   * Keeps what was found for no longer than what it is about, and takes it from the schedule.
   *
   * @param evidence `null`: what it is about is gone
   * @param more what else is written with it
   */
  async function finish(
    id: string,
    evidence: Evidence | null,
    nowMs: number,
    more: readonly Write[] = [],
  ): Promise<void> {
    const writes: Write[] = [
      ['ZREM', keys.schedule, scheduleItem('evidence', id)],
      ['DEL', keys.gathering(id)],
      ...more,
    ];
    const keptMs = evidence === null ? null : await keptFor(id);
    if (evidence !== null && keptMs !== null) {
      writes.push(['SET', keys.gathered(id), JSON.stringify(evidence), 'PX', keptMs]);
    }
    await ledger.commit({ checks: [], writes, nowMs });
  }

  /** For how long the record is kept; `null`: it is gone. */
  async function keptFor(id: string): Promise<number | null> {
    const answers = (await executed(
      redis.pipeline().pttl(keys.escalation(id)).pttl(keys.run(id)),
    )) as number[];
    const left = answers.find((ms) => ms !== gone);
    if (left === undefined) return null;
    return left === noEnd ? retentionMs : Math.max(left, 1);
  }

  return { read, readAll, headlines, want, begin, finish };
}

/** What Redis answers to PTTL for no key, and for one without an end. */
const gone = -2;
const noEnd = -1;

/**
 * Whether evidence that a person looks at is gathered again.
 *
 * @param about when the escalation or run ended; `null`: it has not
 */
export function isStale(
  evidence: Pick<Evidence, 'gatheredAtMs'> | null,
  about: { readonly endedAtMs: number | null },
  nowMs: number,
): boolean {
  if (evidence === null) return true;
  const changesUntilMs = about.endedAtMs === null ? nowMs : about.endedAtMs + settlesMs;
  return evidence.gatheredAtMs < changesUntilMs && evidence.gatheredAtMs + freshMs <= nowMs;
}

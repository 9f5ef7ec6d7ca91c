import { auditWrite } from './audit.js';
import { type RecordForm, retentionMs } from './codec.js';
import type { Disposition, Episode } from './episode.js';
import type { Escalation } from './escalation.js';
import type { Keys } from './keys.js';
import { countDispositions, countRun } from './playbook-stats.js';
import { indexEscalation, indexRun } from './precedent-index.js';
import type { Stored } from './record-reads.js';
import { holdsLocks, isJoinable, joinHash, locksOf, type Run } from './run.js';
import { scheduleItem } from './schedule-item.js';
import type { StoredThread, Thread } from './thread.js';
import type { Check, Write } from './transaction.js';

/** When it is first looked at whom to remind of a question; what the policy says is not known here. */
const firstReminderLookMs = 60_000;
/** Puts the plans of a thread, whose time runs out, before its other questions. */
const plansFirst = 1e13;

/** A change of one record: what must hold before, and what is written. */
export interface Save {
  readonly check: Check;
  readonly writes: readonly Write[];
}

/** Composes the writes by which records change, with the check that no one was faster. */
export function createSaves({ keys, form }: { readonly keys: Keys; readonly form: RecordForm }) {
  /**
   * Saves an episode, with what was not saved of it before; the one it replaces, if it is an earlier
   * one, is kept under its own id.
   */
  function saveEpisode(current: Stored<Episode> | null, episode: Episode): Save {
    if (current?.unsaved === undefined) return replaceEpisode(current, episode);
    const { before, writes } = current.unsaved;
    const save = replaceEpisode(before, episode);
    return { ...save, writes: [...save.writes, ...writes] };
  }

  function replaceEpisode(before: Stored<Episode> | null, episode: Episode): Save {
    const { identity } = episode;
    const key = keys.episode(identity);
    const rev = before?.rev ?? 0;
    const writes: Write[] = [['HSET', key, 'rev', rev + 1, 'data', form.write(episode)]];
    if (before !== null && before.value.id !== episode.id) {
      const past = form.write(before.value);
      writes.push(['SET', keys.pastEpisode(before.value.id), past, 'PX', form.forPeopleMs]);
    }
    writes.push(['ZADD', keys.episodes, episode.openedAtMs, episode.id]);
    writes.push(...heldWrites(before?.value ?? null, episode));
    if (episode.source === 'grafana') writes.push(unlistedWrite(episode));
    if (form.counts) writes.push(...countWrites(before?.value ?? null, episode));
    if (episode.state === 'open') {
      writes.push(['ZADD', keys.openEpisodes, episode.openedAtMs, identity], ['PERSIST', key]);
    } else {
      writes.push(
        ['ZREM', keys.openEpisodes, identity],
        ['ZREM', keys.schedule, scheduleItem('episode', identity)],
        ['PEXPIRE', key, retentionMs],
      );
      for (const id of episode.cases) writes.push(['SREM', keys.caseOpen(id), identity]);
    }
    return { check: { kind: 'rev', key, rev }, writes };
  }

  /** Keeps the list of those that end by their resolved or by being stale, whatever Alertmanager lists. */
  function unlistedWrite({ identity, state, openedAtMs }: Episode): Write {
    return state === 'open'
      ? ['ZADD', keys.unlistedEpisodes, openedAtMs, identity]
      : ['ZREM', keys.unlistedEpisodes, identity];
  }

  /** Lists an episode that is over, to be counted with what was done about it; one that fires again is not over. */
  function countWrites(before: Episode | null, episode: Episode): Write[] {
    const counted = countDispositions(keys, before, episode);
    if (before?.id !== episode.id || before.state === episode.state) return counted;
    if (episode.closedAtMs === null) return [...counted, ['ZREM', keys.uncounted, episode.id]];
    return [...counted, ['ZADD', keys.uncounted, episode.closedAtMs, episode.id]];
  }

  /** Keeps the list of what is held. What a person muted is not waiting for anybody. */
  function heldWrites(before: Episode | null, { identity, state, verdicts }: Episode): Write[] {
    const isHeld = ({ fate, reason }: Disposition) => fate === 'held' && reason !== 'muted';
    const held = state === 'open' ? verdicts.filter(isHeld) : [];
    if (held.length > 0) {
      const sinceMs = Math.min(
        ...held.map((disposition) => disposition.sinceMs ?? disposition.atMs),
      );
      return [['ZADD', keys.held, sinceMs, identity]];
    }
    return before === null ? [] : [['ZREM', keys.held, identity]];
  }

  /** Saves a run with its indexes, its place on the schedule and, when it has ended, without its locks. */
  function saveRun(before: Stored<Run> | null, value: Run): Save {
    const key = keys.run(value.id);
    const rev = before?.rev ?? 0;
    const fields = ['rev', rev + 1, 'joinable', isJoinable(value) ? 1 : 0] as const;
    const writes: Write[] = [['HSET', key, ...fields, 'data', form.write(value)]];
    if (before === null) {
      writes.push(['ZADD', keys.runs, value.createdAtMs, value.id]);
      writes.push(['ZADD', keys.activeRuns, value.createdAtMs, value.id]);
      writes.push(['HSET', keys.caseInfo(value.caseId), 'run', value.id]);
      if (value.origin.kind === 'playbook') {
        writes.push(['SET', keys.join(joinHash(value.origin.playbook, value.steps)), value.id]);
      }
    }
    if (value.state === 'ended') {
      writes.push(
        ['ZREM', keys.activeRuns, value.id],
        ['ZREM', keys.schedule, scheduleItem('run', value.id)],
        ['PEXPIRE', key, form.endedRunMs],
      );
      if (value.origin.kind === 'playbook') {
        writes.push(['DEL', keys.join(joinHash(value.origin.playbook, value.steps))]);
      }
    }
    if (form.counts && before === null) writes.push(...indexRun(keys, value));
    if (form.counts) writes.push(...countRun(keys, before?.value ?? null, value));
    if (before !== null && holdsLocks(before.value) && !holdsLocks(value)) {
      writes.push(['DEL', ...locksOf(value).map((target) => keys.lock(target.id))]);
    }
    if (value.dueAtMs === null) {
      writes.push(['ZREM', keys.schedule, scheduleItem('run', value.id)]);
    } else {
      writes.push(['ZADD', keys.schedule, value.dueAtMs, scheduleItem('run', value.id)]);
    }
    return { check: { kind: 'rev', key, rev }, writes };
  }

  /** Saves an escalation, a new one with its audit record; its message is brought up to date by `messageAtMs`. */
  function saveEscalation(
    before: Stored<Escalation> | null,
    value: Escalation,
    messageAtMs: number | null,
  ): Save {
    const key = keys.escalation(value.id);
    const rev = before?.rev ?? 0;
    const writes: Write[] = [['HSET', key, 'rev', rev + 1, 'data', form.write(value)]];
    if (before === null) {
      writes.push(['ZADD', keys.escalations, value.createdAtMs, value.id]);
      const { id, kind, reason, createdAtMs: atMs } = value;
      const record = { atMs, subject: 'escalation', id, event: 'opened', reason } as const;
      writes.push(auditWrite(keys.audit, { ...record, detail: kind }, form));
      writes.push(['HSET', keys.caseInfo(value.caseId), 'escalation', value.id]);
      if (form.counts) writes.push(...indexEscalation(keys, value));
      if (value.subject !== null) writes.push(['SET', keys.subject(value.subject), value.id]);
      if (value.kind !== 'lesson') {
        const reminderAtMs = value.createdAtMs + firstReminderLookMs;
        writes.push(['ZADD', keys.schedule, reminderAtMs, scheduleItem('reminder', value.id)]);
      }
    }
    if (value.state === 'open') {
      writes.push(['ZADD', keys.openEscalations, value.createdAtMs, value.id]);
      if (value.thread !== undefined) {
        const rank = value.createdAtMs - (value.kind === 'approval' ? plansFirst : 0);
        writes.push(['ZADD', keys.threadOpen(value.thread), rank, value.id]);
      }
      if (value.expiresAtMs !== null) {
        writes.push(['ZADD', keys.schedule, value.expiresAtMs, scheduleItem('expiry', value.id)]);
      }
    } else {
      writes.push(
        ['ZREM', keys.openEscalations, value.id],
        ['ZREM', keys.undelivered, value.id],
        [
          'ZREM',
          keys.schedule,
          scheduleItem('expiry', value.id),
          scheduleItem('reminder', value.id),
        ],
        ...(value.thread === undefined
          ? []
          : [['ZREM', keys.threadOpen(value.thread), value.id] as const]),
        ['PEXPIRE', key, form.forPeopleMs],
      );
      // once only: later the subject may belong to the next escalation
      if (before?.value.state === 'open' && value.subject !== null) {
        writes.push(['DEL', keys.subject(value.subject)]);
      }
    }
    if (messageAtMs !== null) {
      writes.push(['ZADD', keys.schedule, messageAtMs, scheduleItem('message', value.id)]);
    }
    return { check: { kind: 'rev', key, rev }, writes };
  }

  /** Saves a thread. It outlasts the escalations that it shows. */
  function saveThread(before: Pick<StoredThread, 'rev'> | null, value: Thread): Save {
    const key = keys.thread(value.id);
    const rev = before?.rev ?? 0;
    const lists = [key, keys.threadMembers(value.id), keys.threadOpen(value.id)];
    const writes: Write[] = [
      ['HSET', key, 'rev', rev + 1, 'data', form.write(value)],
      ...lists.map((list): Write => ['PEXPIRE', list, 3 * form.forPeopleMs]),
    ];
    return { check: { kind: 'rev', key, rev }, writes };
  }

  /** The writes that make an episode part of a case. While one of them fires, the case is kept. */
  function joinCase(caseId: string, identity: string): Write[] {
    return [
      ['SADD', keys.caseOpen(caseId), identity],
      ['HINCRBY', keys.caseInfo(caseId), 'joined', 1],
      ['PERSIST', keys.caseInfo(caseId)],
    ];
  }

  /** The writes by which an episode that fires again is back in its cases. */
  function rejoinCases({ cases, identity }: Episode): Write[] {
    return cases.flatMap((id): Write[] => [
      ['SADD', keys.caseOpen(id), identity],
      ['PERSIST', keys.caseInfo(id)],
    ]);
  }

  /** The write that lets go of a case in which nothing fires. It outlasts its run and its escalation. */
  function letGoOfCase(caseId: string): Write {
    return ['PEXPIRE', keys.caseInfo(caseId), 3 * form.forPeopleMs];
  }

  return { saveEpisode, saveRun, saveEscalation, saveThread, joinCase, rejoinCases, letGoOfCase };
}

/**
 * Every key of the ledger, under one hash tag, so that on a Redis Cluster a cell's keys share a slot
 * and one script may touch them all.
 */
export interface Keys {
  /** Hash `rev`, `data`: the latest episode of an identity, open or closed. */
  episode(identity: string): string;
  /** The same for an earlier episode, by its id. */
  pastEpisode(id: string): string;
  run(id: string): string;
  escalation(id: string): string;
  /** Set: the identities that still fire in a case. */
  caseOpen(id: string): string;
  /** Hash: `joined` (how many episodes ever), `run`, `escalation` (the latest of each). */
  caseInfo(id: string): string;
  /** String: the run that later episodes with the same playbook and inputs join. */
  join(hash: string): string;
  /** String: the open escalation that later alerts about the same subject join. */
  subject(hash: string): string;
  /** String: the run that works on a target. */
  lock(targetId: string): string;
  /** String: when a target was last changed, in milliseconds. */
  changed(targetId: string): string;
  /** Sorted set of run ids by the time of their admission, for one scope of limits. */
  admissions(scope: string): string;
  /** Sorted sets of ids by time: everything, newest last. */
  readonly episodes: string;
  readonly runs: string;
  readonly escalations: string;
  readonly openEpisodes: string;
  readonly activeRuns: string;
  readonly openEscalations: string;
  /** Sorted set: what is to be looked at, by when (`run:…`, `episode:…`, `case:…`, `message:…`). */
  readonly agenda: string;
  /** Stream: every decision and transition. */
  readonly audit: string;
}

/** The keys of one cell. */
export function createKeys(cell: string): Keys {
  const prefix = `{${cell}}:ledger:`;
  return {
    episode: (identity) => `${prefix}episode:${identity}`,
    pastEpisode: (id) => `${prefix}past-episode:${id}`,
    run: (id) => `${prefix}run:${id}`,
    escalation: (id) => `${prefix}escalation:${id}`,
    caseOpen: (id) => `${prefix}case-open:${id}`,
    caseInfo: (id) => `${prefix}case:${id}`,
    join: (hash) => `${prefix}join:${hash}`,
    subject: (hash) => `${prefix}subject:${hash}`,
    lock: (targetId) => `${prefix}lock:${targetId}`,
    changed: (targetId) => `${prefix}changed:${targetId}`,
    admissions: (scope) => `${prefix}admissions:${scope}`,
    episodes: `${prefix}episodes`,
    runs: `${prefix}runs`,
    escalations: `${prefix}escalations`,
    openEpisodes: `${prefix}open-episodes`,
    activeRuns: `${prefix}active-runs`,
    openEscalations: `${prefix}open-escalations`,
    agenda: `${prefix}agenda`,
    audit: `${prefix}audit`,
  };
}

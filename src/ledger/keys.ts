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
  /** List: the latest audit records of a run, oldest first, for anyone who looks at it. */
  runTrail(id: string): string;
  escalation(id: string): string;
  /** Hash `rev`, `data`: where escalations are shown in Slack. */
  thread(id: string): string;
  /** Sorted sets of escalation ids by creation: all of a thread, and those that are open, plans first. */
  threadMembers(id: string): string;
  threadOpen(id: string): string;
  /** String: the thread that the next escalation of a group joins. */
  threadOf(group: string): string;
  /** Hash `free`, `last`: when the next message may go to a channel of Slack, and when the last that waits will. */
  pace(channel: string): string;
  /** Hash: the ids of Slack's channels by the names that they were posted to with. */
  readonly channelIds: string;
  /** Set: the identities that still fire in a case. */
  caseOpen(id: string): string;
  /** Hash: `joined` (how many episodes ever), `run`, `escalation` (the latest of each). */
  caseInfo(id: string): string;
  /** String: the run that later episodes with the same playbook and inputs join. */
  join(hash: string): string;
  /** String: the open escalation that later alerts about the same subject join. */
  subject(hash: string): string;
  /** String: the latest offer to make a playbook of what a person did about one kind of alert. */
  lesson(hash: string): string;
  /** String: the last number that a command was given. */
  readonly commandNumber: string;
  /** Hash `name`, `episode`: what a command asks for, and the id of the episode that it became. */
  command(number: number): string;
  /** String: what the key of a request to run a playbook stands for, and when it was received. */
  manualRun(hash: string): string;
  /** String: the run that works on a target. */
  lock(targetId: string): string;
  /** Set: the items of the schedule that are looked at as soon as a target is free. */
  waiters(targetId: string): string;
  /** String: when a target was last changed, in milliseconds. */
  changed(targetId: string): string;
  /** String: how often looking at an item of the schedule has failed in a row. */
  stuck(item: string): string;
  /** String: the evidence of an escalation or a run (JSON), and the worker that gathers it. */
  gathered(id: string): string;
  gathering(id: string): string;
  /** Sorted set: the latest runs and escalations about one kind of alert, by when they were created. */
  precedents(hash: string): string;
  /** Sorted set: the latest runs on a target by when they were created. */
  runsOn(targetId: string): string;
  /** Sorted set: what happened to targets of a scope (JSON), by when. */
  targetHistory(scope: string): string;
  /** Hash `sinceMs`, `lastMs`: since when what happens to the targets of a system is seen. */
  targetHistorySeen(system: string): string;
  /** Hash: the version of each target of an integration that was seen last. */
  targetVersions(system: string): string;
  /** Sorted set of run ids by the time of their admission, for one scope of limits. */
  admissions(scope: string): string;
  /** Hash: pauses (JSON) by what they halt: `everything`, `playbook:…`, `target:…`, `direction:up`. */
  readonly pauses: string;
  /** String: the tripped blast radius (JSON); absent while it has not. */
  readonly tripped: string;
  /** Sorted set of target ids by the time when an automatic run last began on them; `kind` is all or one kind. */
  touched(kind: string): string;
  /** Hash: how many runs in a row did not help, by playbook. */
  readonly failures: string;
  /** Hash: the open breakers (JSON) by playbook. */
  readonly breakers: string;
  /** Sorted sets of ids by time: everything, newest last. */
  readonly episodes: string;
  readonly runs: string;
  readonly escalations: string;
  readonly openEpisodes: string;
  /** The same for those that Alertmanager's API never lists: Grafana's. */
  readonly unlistedEpisodes: string;
  readonly activeRuns: string;
  readonly openEscalations: string;
  /** Sorted set: what is to be looked at (`schedule-item.ts`), by when. */
  readonly schedule: string;
  /** Set: the identities that Alertmanager silences or inhibits, as of the last reading. */
  readonly muted: string;
  /** Hash: identity → since when, and in how many readings, Alertmanager has not listed it. */
  readonly absences: string;
  /** String: when a periodic task of the cell was last done, in milliseconds. */
  turn(task: string): string;
  /** Hash `seenAtMs`, `toldAtMs`: the alert that always fires (`watchdog` of the policy). */
  readonly watchdog: string;
  /** Sorted set: open escalations that Slack has not taken, by when that was first tried. */
  readonly undelivered: string;
  /** Set: the escalations for which an alert of our own fires in Alertmanager. */
  readonly ownAlerts: string;
  /** Hash: escalation → the labels of its alert that fires in Alertmanager. */
  readonly notified: string;
  /** Sorted set: the changes and ends of runs that are to be posted to Alertmanager, by when they came about. */
  readonly results: string;
  /** Sorted set: identities whose decision is held, by since when. */
  readonly held: string;
  /** Stream: every decision and transition. */
  readonly audit: string;
  /** Stream: the sealed blocks of that trail, each under the id of the last record that it covers. */
  readonly auditBlocks: string;
  /** Strings: the signed ends of the chain of blocks, where it stops and where it was trimmed. */
  readonly auditHead: string;
  readonly auditCheckpoint: string;
  /** String: the worker that seals at present. */
  readonly auditSealer: string;
  /** Stream: the latest notifications that were taken in, a JSON line each. */
  readonly history: string;
  /** Stream: earlier ones, many in a compressed block, each under the id of its last line. */
  readonly historyBlocks: string;
  /** String: the worker that packs them at present. */
  readonly historyPacker: string;
  /** Hash: what is counted of a playbook, and the same for one day (`2026-01-31`, UTC). */
  evidence(playbook: string): string;
  evidenceOn(playbook: string, day: string): string;
  /** Sorted set: the latest runs of a playbook by when they were created. */
  runsOf(playbook: string): string;
  /** Sorted set: episodes that are over and not counted yet, by when they closed. */
  readonly uncounted: string;
  /** Hash: how many alerts ended in which way on a day. */
  figures(day: string): string;
  /** Sorted set: the alerts of a day that reached a person (JSON), by how often. */
  reached(day: string): string;
  /** String: the texts of a set of playbooks, by its hash. */
  playbookSet(hash: string): string;
  /** String: which ledger this is; a restore from a backup does not change it. */
  readonly ledgerId: string;
  /** String: when the ledger began, in milliseconds. */
  readonly ledgerBegan: string;
  /** Hash: when each engine was last here, in milliseconds. */
  readonly marks: string;
  /** String: when it was last recorded that the ledger was restored, in milliseconds. */
  readonly restoredAt: string;
  /** String: the version of the ledger's form. */
  readonly schema: string;
  /** String, there for as long as workers of that version are at work. */
  presentVersion(version: number): string;
  /** Hash: a number by queue that changes while its jobs are worked off. */
  readonly workedOff: string;
  /** String: the hash of the set that the cell decides with. */
  readonly activePlaybooks: string;
  /** Strings: what Prometheus is given, and what each service says (JSON). */
  prometheusFile(file: 'rules' | 'targets' | 'services'): string;
  /** String: the digests of these, there while a worker sees the services. */
  readonly prometheusFresh: string;
  /** String: the rules that Prometheus refuses (JSON), as the program beside it last reported. */
  readonly prometheusRefused: string;
  /** Hash: what was last announced (JSON) by what it is about: `service/NAME`, `node/ID`. */
  readonly announced: string;
  /** String: the worker that announces at present, there while it sees the Swarm. */
  readonly announcer: string;
  /** String, there while everything is asked to be announced again. */
  readonly announceAgain: string;
  /** Set: what is asked to be read again: `service/NAME`, `nodes`. */
  readonly readAgain: string;
  /** String, there until the session would have ended by itself: it was signed out of the console. */
  signedOut(session: string): string;
}

/** The keys of one cell. */
export function createKeys(cell: string): Keys {
  const prefix = `{${cell}}:ledger:`;
  return {
    episode: (identity) => `${prefix}episode:${identity}`,
    pastEpisode: (id) => `${prefix}past-episode:${id}`,
    run: (id) => `${prefix}run:${id}`,
    runTrail: (id) => `${prefix}run-trail:${id}`,
    escalation: (id) => `${prefix}escalation:${id}`,
    thread: (id) => `${prefix}thread:${id}`,
    threadMembers: (id) => `${prefix}thread-members:${id}`,
    threadOpen: (id) => `${prefix}thread-open:${id}`,
    threadOf: (group) => `${prefix}thread-of:${group}`,
    pace: (channel) => `${prefix}pace:${channel}`,
    channelIds: `${prefix}channel-ids`,
    caseOpen: (id) => `${prefix}case-open:${id}`,
    caseInfo: (id) => `${prefix}case:${id}`,
    join: (hash) => `${prefix}join:${hash}`,
    subject: (hash) => `${prefix}subject:${hash}`,
    lesson: (hash) => `${prefix}lesson:${hash}`,
    commandNumber: `${prefix}command-number`,
    command: (number) => `${prefix}command:${number}`,
    manualRun: (hash) => `${prefix}manual-run:${hash}`,
    lock: (targetId) => `${prefix}lock:${targetId}`,
    waiters: (targetId) => `${prefix}waiters:${targetId}`,
    changed: (targetId) => `${prefix}changed:${targetId}`,
    stuck: (item) => `${prefix}stuck:${item}`,
    gathered: (id) => `${prefix}gathered:${id}`,
    gathering: (id) => `${prefix}gathering:${id}`,
    precedents: (hash) => `${prefix}precedents:${hash}`,
    runsOn: (targetId) => `${prefix}runs-on:${targetId}`,
    targetHistory: (scope) => `${prefix}target-history:${scope}`,
    targetHistorySeen: (system) => `${prefix}target-history-seen:${system}`,
    targetVersions: (system) => `${prefix}target-versions:${system}`,
    admissions: (scope) => `${prefix}admissions:${scope}`,
    pauses: `${prefix}pauses`,
    tripped: `${prefix}tripped`,
    touched: (kind) => `${prefix}touched:${kind}`,
    failures: `${prefix}failures`,
    breakers: `${prefix}breakers`,
    episodes: `${prefix}episodes`,
    runs: `${prefix}runs`,
    escalations: `${prefix}escalations`,
    openEpisodes: `${prefix}open-episodes`,
    unlistedEpisodes: `${prefix}unlisted-episodes`,
    activeRuns: `${prefix}active-runs`,
    openEscalations: `${prefix}open-escalations`,
    schedule: `${prefix}schedule`,
    muted: `${prefix}muted`,
    absences: `${prefix}absences`,
    turn: (task) => `${prefix}turn:${task}`,
    watchdog: `${prefix}watchdog`,
    undelivered: `${prefix}undelivered`,
    ownAlerts: `${prefix}own-alerts`,
    notified: `${prefix}notified`,
    results: `${prefix}results`,
    held: `${prefix}held`,
    audit: `${prefix}audit`,
    auditBlocks: `${prefix}audit-blocks`,
    auditHead: `${prefix}audit-head`,
    auditCheckpoint: `${prefix}audit-checkpoint`,
    auditSealer: `${prefix}audit-sealer`,
    history: `${prefix}history`,
    historyBlocks: `${prefix}history-blocks`,
    historyPacker: `${prefix}history-packer`,
    evidence: (playbook) => `${prefix}evidence:${playbook}`,
    evidenceOn: (playbook, day) => `${prefix}evidence:${playbook}:${day}`,
    runsOf: (playbook) => `${prefix}runs-of:${playbook}`,
    uncounted: `${prefix}uncounted`,
    figures: (day) => `${prefix}figures:${day}`,
    reached: (day) => `${prefix}reached:${day}`,
    playbookSet: (hash) => `${prefix}playbook-set:${hash}`,
    ledgerId: `${prefix}ledger-id`,
    ledgerBegan: `${prefix}ledger-began`,
    marks: `${prefix}marks`,
    restoredAt: `${prefix}restored-at`,
    schema: `${prefix}schema`,
    presentVersion: (version) => `${prefix}present-version:${version}`,
    workedOff: `${prefix}worked-off`,
    activePlaybooks: `${prefix}active-playbooks`,
    prometheusFile: (file) => `${prefix}prometheus-file:${file}`,
    prometheusFresh: `${prefix}prometheus-fresh`,
    prometheusRefused: `${prefix}prometheus-refused`,
    announced: `${prefix}announced`,
    announcer: `${prefix}announcer`,
    announceAgain: `${prefix}announce-again`,
    readAgain: `${prefix}read-again`,
    signedOut: (session) => `${prefix}signed-out:${session}`,
  };
}

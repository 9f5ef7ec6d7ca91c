import type { Labels } from '../../src/alertmanager/alert.js';
import { identityOf } from '../../src/alertmanager/identity.js';
import type { AuditRecord } from '../../src/ledger/audit.js';
import type { Episode } from '../../src/ledger/episode.js';
import type { Ledger } from '../../src/ledger/ledger.js';
import { reasons } from '../../src/ledger/reason.js';
import type { Run } from '../../src/ledger/run.js';
import type { SwarmUpdate } from '../../src/sim/swarm/cluster.js';

/** What a storm is judged by. The last four hold a line for each fault that was found. */
export interface Verdict {
  readonly episodes: number;
  readonly runs: number;
  /** Changes that the Swarm took. */
  readonly effects: number;
  /** Alerts without an episode, without a fate, or whose resolution was taken and is not known. */
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  /** Changes beyond the bounds or against the direction, and runs with too many of them. */
  readonly outOfBounds: readonly string[];
  /** What has no reason out of the closed list, or did not come to an end. */
  readonly unexplained: readonly string[];
}

/** What is known without the engine's help, and the ledger that is held against it. */
export interface StormRecord {
  readonly ledger: Ledger;
  readonly sent: readonly Labels[];
  readonly updates: readonly SwarmUpdate[];
  /** Every request that the Swarm saw: `POST /v1.41/services/…/update?version=11`. */
  readonly requests: readonly string[];
  /** The ids of the services by name. */
  readonly serviceIds: ReadonlyMap<string, string>;
  readonly min: number;
  readonly max: number;
  readonly maxAttempts: number;
  /** Playbooks that add; all others take away. */
  readonly adding: ReadonlySet<string>;
}

/** Holds what was sent and what happened to the targets against what is recorded. */
export async function judge(evidence: StormRecord): Promise<Verdict> {
  const { ledger, sent, updates } = evidence;
  const stored = await ledger.episodes(sent.map((labels) => identityOf(labels, new Set())));
  const runIds = await ledger.redis.zrange(ledger.keys.runs, '0', '-1');
  const runs = (await Promise.all(runIds.map((id) => ledger.run(id)))).flatMap((run) =>
    run === null ? [] : [run.value],
  );
  const audit = await auditOf(ledger);
  const episodes = stored.flatMap((one) => (one === null ? [] : [one.value]));
  return {
    episodes: episodes.length,
    runs: runs.length,
    effects: updates.length,
    lost: sent.flatMap((labels, index) => lostOf(labels, stored[index]?.value)),
    doubled: [
      ...runsTwice(audit),
      ...intendedTwice(runs, audit),
      ...sentTwice(evidence, audit),
      ...unintended(runs, updates),
    ],
    outOfBounds: outOfBounds(runs, evidence),
    unexplained: unexplained(episodes, runs, audit),
  };
}

/** Why an alert counts as lost; all of them have been sent, and all of them have resolved. */
function lostOf(labels: Labels, episode: Episode | undefined): string[] {
  const name = JSON.stringify(labels);
  if (episode === undefined) return [`${name} has no episode`];
  if (episode.verdicts.length === 0) return [`${name} has no fate`];
  return episode.state === 'open' ? [`that ${name} resolved is not known`] : [];
}

/** More than one run of one playbook for one episode. */
function runsTwice(audit: readonly AuditRecord[]): string[] {
  const playbookOf = new Map<string, string>();
  const given = new Map<string, Set<string>>();
  for (const { subject, event, id, detail = '' } of audit) {
    if (subject !== 'run' || (event !== 'admitted' && event !== 'joined')) continue;
    const [, playbook, first] = /^(\S+) for (\S+)$/.exec(detail) ?? [];
    if (playbook !== undefined) playbookOf.set(id, playbook);
    const key = `${playbookOf.get(id)} for ${first ?? detail}`;
    given.set(key, (given.get(key) ?? new Set()).add(id));
  }
  return [...given].flatMap(([key, ids]) => (ids.size > 1 ? [`${ids.size} runs of ${key}`] : []));
}

/** More intentions recorded for a run than it has attempts: one attempt was begun twice. */
function intendedTwice(runs: readonly Run[], audit: readonly AuditRecord[]): string[] {
  const left = new Map(runs.map(({ id, attempts }) => [id, attempts.length]));
  for (const { subject, event, id } of audit) {
    if (subject !== 'run' || !left.has(id)) continue;
    if (event === 'applying') left.set(id, (left.get(id) ?? 0) - 1);
    if (event === 'not_applied') left.set(id, (left.get(id) ?? 0) + 1);
  }
  return [...left].flatMap(([id, count]) =>
    count === 0 ? [] : [`run ${id} has ${-count} more intentions than attempts`],
  );
}

/** More requests for a change than intentions were recorded. */
export function sentTwice(
  { requests, serviceIds }: Pick<StormRecord, 'requests' | 'serviceIds'>,
  audit: readonly AuditRecord[],
): string[] {
  const intended = new Map<string, number>();
  for (const { subject, event, detail = '' } of audit) {
    if (subject !== 'run' || event !== 'applying') continue;
    const [, name = ''] = /^scale (\S+) from /.exec(detail) ?? [];
    intended.set(name, (intended.get(name) ?? 0) + 1);
  }
  return [...serviceIds].flatMap(([name, id]) => {
    const posts = requests.filter((request) => request.includes(`/services/${id}/update`)).length;
    const allowed = intended.get(name) ?? 0;
    return posts > allowed ? [`${name}: ${posts} requests for ${allowed} intentions`] : [];
  });
}

/** Changes that no attempt intended, or that one attempt made more than once. */
function unintended(runs: readonly Run[], updates: readonly SwarmUpdate[]): string[] {
  const intended = new Map<string, number>();
  for (const { change } of runs.flatMap(({ attempts }) => attempts)) {
    const key = effect(change.target.name, change.op.from, change.op.to, change.version);
    intended.set(key, (intended.get(key) ?? 0) + 1);
  }
  return updates.flatMap(({ service, from, to, version }) => {
    const key = effect(service, from, to, version);
    const left = intended.get(key) ?? 0;
    intended.set(key, left - 1);
    return left > 0 ? [] : [`${key} was intended by no attempt`];
  });
}

function outOfBounds(
  runs: readonly Run[],
  { updates, min, max, maxAttempts, adding }: StormRecord,
): string[] {
  const directions = new Map<string, boolean>();
  for (const { origin, attempts } of runs) {
    const up = origin.kind === 'playbook' && adding.has(origin.playbook);
    for (const { change } of attempts) {
      directions.set(effect(change.target.name, change.op.from, change.op.to, change.version), up);
    }
  }
  return [
    ...updates.flatMap(({ service, from, to, version }) => {
      const key = effect(service, from, to, version);
      if (from === null || to === null || to < min || to > max) return [key];
      const up = directions.get(key);
      return up === undefined || up === to > from ? [] : [`${key} goes the wrong way`];
    }),
    ...runs.flatMap(({ id, attempts }) =>
      attempts.length > maxAttempts ? [`run ${id} made ${attempts.length} attempts`] : [],
    ),
  ];
}

function unexplained(
  episodes: readonly Episode[],
  runs: readonly Run[],
  audit: readonly AuditRecord[],
): string[] {
  const runIds = new Set(runs.map(({ id }) => id));
  const ended = new Set(
    audit.flatMap(({ subject, event, id }) => (subject === 'run' && event === 'ended' ? [id] : [])),
  );
  return [
    ...episodes.flatMap(({ id, verdicts }) =>
      verdicts.flatMap(({ fate, reason, runId }) => {
        if (!(reason in reasons)) return [`episode ${id}: ${fate} without a reason`];
        const known = fate !== 'run' || (runId !== undefined && runIds.has(runId));
        return known ? [] : [`episode ${id} names run ${runId}, which there is not`];
      }),
    ),
    ...runs.flatMap(({ id, state, outcome }) =>
      state === 'ended' && outcome !== null && outcome.reason in reasons && ended.has(id)
        ? []
        : [`run ${id} is ${state} with outcome ${outcome?.reason}`],
    ),
  ];
}

async function auditOf(ledger: Ledger): Promise<AuditRecord[]> {
  const records: AuditRecord[] = [];
  let from = '-';
  for (;;) {
    const page = await ledger.redis.xrange(ledger.keys.audit, from, '+', 'COUNT', 10_000);
    for (const [, fields] of page) records.push(JSON.parse(fields[1] ?? 'null') as AuditRecord);
    const last = page.at(-1)?.[0];
    if (last === undefined) return records;
    from = `(${last}`;
  }
}

function effect(service: string, from: unknown, to: unknown, version: unknown): string {
  return `${service}: ${from} → ${to} (version ${version})`;
}

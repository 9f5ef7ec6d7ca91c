import type { Labels } from '../../alertmanager/alert.js';
import { labelValue } from '../../alertmanager/labels.js';
import { alertMatcher } from '../../engine/reports/alert-query.js';
import { type Severity, severityOf } from '../../escalation/severity.js';
import { targetLabels } from '../../integrations/registry.js';
import type { Escalation } from '../../ledger/escalation.js';
import { reasons } from '../../ledger/reason.js';
import type { Run } from '../../ledger/run.js';
import type { Library } from '../../playbook/library.js';
import type { Policy } from '../../playbook/policy.js';
import type { Tone } from '../components/badge.js';
import { nameOfAlert } from '../components/labels.js';
import { aimOf, originOf, standingOf, whyOf } from '../run-words.js';
import type { OverviewQuery } from './overview-query.js';

/** One thing that needs attention: an open escalation, or an active run that does not get on. */
export interface Item {
  readonly id: string;
  readonly href: string;
  readonly title: string;
  /** What kind of thing it is, in a word or two; the empty string for an alert that no playbook matches. */
  readonly word: string;
  readonly tone: Tone;
  /** One line: what is wrong, planned or was tried. */
  readonly summary: string;
  readonly severity: Severity;
  /** What comes first whatever its severity, 0, and what comes last, 2. */
  readonly band: 0 | 1 | 2;
  readonly service: string;
  readonly owner: string;
  readonly playbook: string;
  readonly labels: Labels;
  /** Those of one Alertmanager group have the same; the empty string: none. */
  readonly group: string;
  readonly atMs: number;
  readonly expiresAtMs: number | null;
  /** `null`: a run without an open escalation. */
  readonly escalation: Escalation | null;
}

/** How long a run may be overdue before it counts as stuck; the engine looks at its schedule more often. */
const overdueMs = 60_000;
/** From how many temporary failures in a row on a run counts as stuck. */
const manyRetries = 3;

interface ItemParts {
  readonly policy: Pick<Policy, 'severity'>;
  readonly library: Pick<Library, 'named'>;
}

/** An open escalation as an item. */
export function itemOfEscalation(parts: ItemParts, escalation: Escalation): Item {
  const { id, title, kind, labels, annotations, detail, reason, group = '' } = escalation;
  const { word, tone } = kindOf(escalation);
  const isReport = kind === 'report' || kind === 'approval';
  const said = annotations.summary ?? annotations.description ?? '';
  const summary = (isReport ? detail : said) || detail || reasons[reason];
  return {
    ...aboutLabels(parts, labels, escalation.playbook ?? ''),
    id,
    href: `/escalations/${id}`,
    title,
    word,
    tone,
    summary: summary.split('\n')[0] ?? '',
    band: bandOf(escalation),
    labels,
    group,
    atMs: escalation.createdAtMs,
    expiresAtMs: escalation.expiresAtMs,
    escalation,
  };
}

/** An active run that is stuck, as an item. */
export function itemOfRun(parts: ItemParts, run: Run): Item {
  const playbook = run.origin.kind === 'playbook' ? run.origin.playbook : '';
  const why = whyOf(run) ?? `${standingOf(run).word} for longer than planned`;
  return {
    ...aboutLabels(parts, run.labels, playbook),
    id: `run-${run.id}`,
    href: `/runs/${run.id}`,
    title: nameOfAlert(run.labels),
    word: 'Run stuck',
    tone: 'bad',
    summary: `${originOf(run)} on ${aimOf(run)}: ${why}`,
    band: 0,
    labels: run.labels,
    group: run.group ?? '',
    atMs: run.createdAtMs,
    expiresAtMs: null,
    escalation: null,
  };
}

/** Whether an active run does not get on: it is overdue, or fails again and again. */
export function isStuck(
  {
    dueAtMs,
    deadlineMs,
    retries,
    state,
  }: Pick<Run, 'dueAtMs' | 'deadlineMs' | 'retries' | 'state'>,
  nowMs: number,
): boolean {
  if (state === 'ended') return false;
  const lateAtMs = nowMs - overdueMs;
  const isOverdue = (atMs: number | null) => atMs !== null && atMs < lateAtMs;
  return isOverdue(dueAtMs) || isOverdue(deadlineMs) || retries >= manyRetries;
}

/** The order of the overview: failed and stuck runs, then by severity, then what expires soonest, then the newest. */
export function bySeverity(one: Item, other: Item): number {
  const expires = ({ expiresAtMs }: Item) => expiresAtMs ?? Number.MAX_SAFE_INTEGER;
  return (
    one.band - other.band ||
    one.severity.rank - other.severity.rank ||
    expires(one) - expires(other) ||
    other.atMs - one.atMs
  );
}

/** Items of one Alertmanager group and one severity, in their order. */
export interface ItemGroup {
  readonly key: string;
  /** What its items have in common; `null`: it is a single item. */
  readonly title: string | null;
  readonly items: readonly Item[];
}

/** Puts together what Alertmanager grouped, without breaking the order by severity. */
export function grouped(items: readonly Item[]): readonly ItemGroup[] {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const { group, band, severity, id } = item;
    const key = group === '' ? `item ${id}` : `${group} ${band} ${severity.rank}`;
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return [...groups].map(([key, members]) => ({
    key,
    title: members.length === 1 ? null : commonTitle(members),
    items: members,
  }));
}

/** Whether an item is what the query asks for, as a function of the item. */
export function itemMatcher(query: OverviewQuery): (item: Item) => boolean {
  const { q, service, owner, severity, playbook } = query;
  const hasWords = alertMatcher({ words: q, playbook: '', fate: '', reason: '' });
  return (item) =>
    (service === '' || item.service === service) &&
    (owner === '' || item.owner === owner) &&
    (severity === '' || item.severity.name === severity) &&
    (playbook === '' || item.playbook === playbook) &&
    hasWords({ labels: searched(item), verdicts: [] });
}

/** How many items have each value of a field, the most frequent first; items without a value are left out. */
export function countBy(
  items: readonly Item[],
  fieldOf: (item: Item) => string,
): readonly (readonly [value: string, count: number])[] {
  const counts = new Map<string, number>();
  for (const item of items) {
    const value = fieldOf(item);
    if (value !== '') counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return [...counts].sort(([a, some], [b, others]) => others - some || (a < b ? -1 : 1));
}

/** All in which the words of a filter may stand. */
function searched({ labels, title, summary, service, owner, playbook, severity }: Item): Labels {
  return { title, summary, ...labels, service, owner, playbook, severity: severity.name };
}

function aboutLabels({ policy, library }: ItemParts, labels: Labels, playbook: string) {
  const target = targetLabels.map((name) => labelValue(labels, name)).find((value) => value !== '');
  const owner = library.named(playbook)?.owner ?? labels.owner ?? labels.team ?? '';
  return {
    severity: severityOf(labels, policy.severity),
    service: target ?? '',
    owner,
    playbook,
  };
}

function kindOf({ kind, reason, runId }: Escalation): {
  readonly word: string;
  readonly tone: Tone;
} {
  switch (kind) {
    case 'unmatched':
      return { word: '', tone: 'calm' };
    case 'approval':
      return { word: 'Approval required', tone: 'warn' };
    case 'lesson':
      return { word: 'Suggested playbook', tone: 'calm' };
    case 'report':
      if (reason === 'held_too_long') return { word: 'Deferred', tone: 'warn' };
      return { word: runId === null ? 'Engine' : 'Run failed', tone: 'bad' };
  }
}

function bandOf({ kind, reason }: Escalation): Item['band'] {
  if (kind === 'lesson') return 2;
  return kind === 'report' && reason !== 'held_too_long' ? 0 : 1;
}

/** The labels that all members share, the name of the alert first. */
function commonTitle(members: readonly Item[]): string {
  const [first, ...others] = members;
  const shared = Object.entries(first?.labels ?? {}).filter(([name, value]) =>
    others.every(({ labels }) => labelValue(labels, name) === value),
  );
  const name = shared.find(([label]) => label === 'alertname')?.[1];
  const rest = shared
    .filter(([label]) => label !== 'alertname')
    .slice(0, maxShared)
    .map(([label, value]) => `${label}=${value}`);
  return [...(name === undefined ? [] : [name]), ...rest].join(' · ') || 'Several alerts';
}

const maxShared = 3;

import type { Labels } from '../alertmanager/alert.js';
import { isCommand } from '../alertmanager/source.js';
import { targetLabels } from '../integrations/registry.js';
import type { Episode } from '../ledger/episode.js';
import type { Choice, Escalation } from '../ledger/escalation.js';
import { type Reason, reasons } from '../ledger/reason.js';
import type { Preview, Run } from '../ledger/run.js';
import { shortHash } from '../lib/short-hash.js';
import { describeAttempts, describePreview } from './describe.js';
import { riskOf } from './risk.js';

/** Under which id a question or a report to a person is kept, where it goes, and how long it stays open. */
interface Addressing {
  readonly id: string;
  readonly channel: string | undefined;
  readonly expiresAtMs: number | null;
  readonly nowMs: number;
}

/**
 * What an alert that got no run is about. Alerts with one subject share one escalation, so that a
 * storm is one message with a count.
 */
export function subjectOf(episode: Episode, reason: Reason, playbook: string | null): string {
  const { alertname, service, asg, type } = episode.labels;
  const parts = [episode.groupKey, reason, playbook, alertname, service, asg, type];
  return shortHash(JSON.stringify(parts));
}

/**
 * What the escalations of one Alertmanager group have in common that go to one channel: they share a
 * message. `undefined` for what comes in no group: a command.
 */
export function groupOf(
  { source, groupKey }: Pick<Episode, 'source' | 'groupKey'>,
  channel: string | undefined,
): string | undefined {
  if (isCommand(source) || groupKey === '') return undefined;
  const parts = [source, groupKey, channel];
  return shortHash(JSON.stringify(parts));
}

/** A question about an alert that the machine does not act on. Its suggestions are worked out later. */
export function draftUnmatched(
  episode: Episode,
  reason: Reason,
  detail: string,
  playbook: string | null,
  to: Addressing,
): Escalation {
  return {
    ...blank(to.id, episode.labels, episode.annotations, to),
    ...unverifiable(isCommand(episode.source)),
    ...ofGroup(groupOf(episode, to.channel), playbook),
    kind: 'unmatched',
    reason,
    title: titleOf(episode.labels),
    detail: `${playbook === null ? detail : `${playbook}: ${detail}`}${byHand(episode)}`,
    links: linksOf(episode),
    misses: episode.misses,
  };
}

/**
 * A question whether a run may act as planned, and all the way that it may go.
 *
 * @param before what a person agreed to before, where that is not what would be done now
 */
export function draftApproval(
  reason: Extract<Reason, 'approval' | 'breaker' | 'before_ledger'>,
  run: Run,
  preview: readonly Preview[],
  about: Pick<Episode, 'labels' | 'annotations'> & Partial<Episode>,
  to: Addressing,
  before?: readonly Preview[],
): Escalation {
  const choices: Choice[] = [
    {
      id: 'approve',
      label: 'Approve',
      style: 'primary',
      confirm: riskOf(preview),
      does: { kind: 'approve' },
    },
    { id: 'deny', label: 'Deny', style: 'danger', does: { kind: 'deny' } },
  ];
  const because = reason === 'approval' ? '' : ` Approval is required because ${reasons[reason]}.`;
  const changed =
    before === undefined
      ? ''
      : `\nThe target has changed since a person approved this: ${describePreview(before)}. That approval is void.`;
  return {
    ...blank(run.caseId, about.labels, about.annotations, to),
    ...ofGroup(run.group, playbookOf(run)),
    kind: 'approval',
    reason,
    title: titleOf(about.labels),
    detail: `${nameOf(run)} requests approval: ${describePreview(preview)}.${because}${byHand(run)}${changed}`,
    links: linksOf(about),
    choices,
    runId: run.id,
  };
}

/** A report on a run that did not help; its suggestions are worked out later. */
export function draftReport(run: Run, reason: Reason, detail: string, to: Addressing): Escalation {
  return {
    ...blank(run.caseId, run.labels, {}, to),
    ...unverifiable(!run.verifiable),
    ...ofGroup(run.group, playbookOf(run)),
    kind: 'report',
    reason,
    title: titleOf(run.labels),
    detail: [
      `${nameOf(run)}: ${reasons[reason]}${detail && `: ${detail}`}.${byHand(run)}`,
      ...describeAttempts(run),
    ].join('\n'),
    runId: run.id,
  };
}

/** A report on an alert that is held for too long. */
export function draftNotice(
  reason: Reason,
  episode: Episode,
  detail: string,
  to: Addressing,
): Escalation {
  return {
    ...blank(to.id, episode.labels, episode.annotations, to),
    ...unverifiable(isCommand(episode.source)),
    ...ofGroup(groupOf(episode, to.channel), null),
    kind: 'report',
    reason,
    title: titleOf(episode.labels),
    detail: `${detail}${byHand(episode)}`,
    links: linksOf(episode),
  };
}

/** A report on a fault that belongs to no episode. */
export function draftFault(
  reason: Reason,
  title: string,
  detail: string,
  subject: string,
  to: Addressing,
): Escalation {
  return { ...blank(to.id, {}, {}, to), subject, kind: 'report', reason, title, detail };
}

function blank(caseId: string, labels: Labels, annotations: Labels, to: Addressing) {
  return {
    id: to.id,
    caseId,
    subject: null,
    labels,
    annotations,
    links: [],
    misses: [],
    channel: to.channel,
    choices: null,
    runId: null,
    state: 'open' as const,
    answer: null,
    createdAtMs: to.nowMs,
    expiresAtMs: to.expiresAtMs,
    endedAtMs: null,
    posted: null,
  };
}

/** Which message it shares, and whose tiers are told; what is not known is left out. */
function ofGroup(
  group: string | undefined,
  playbook: string | null,
): Pick<Escalation, 'group' | 'playbook'> {
  return {
    ...(group === undefined ? {} : { group }),
    ...(playbook === null ? {} : { playbook }),
  };
}

function playbookOf({ origin }: Run): string | null {
  return origin.kind === 'playbook' ? origin.playbook : null;
}

function unverifiable(holds: boolean): Pick<Escalation, 'unverifiable'> {
  return holds ? { unverifiable: true } : {};
}

function titleOf(labels: Labels): string {
  const name = labels.alertname || 'An alert';
  const about = [...targetLabels, 'instance'].map((label) => labels[label]).find(Boolean);
  return about ? `${name}: ${about}` : name;
}

function nameOf(run: Run): string {
  return run.origin.kind === 'playbook'
    ? run.origin.playbook
    : `The action chosen by ${run.origin.by}`;
}

/** Who runs its playbook by hand and why, as a line of its own; empty if no one does. */
function byHand({ manual }: { readonly manual?: Run['manual'] }): string {
  return manual === undefined ? '' : `\n${manual.by} runs it by hand: ${manual.why}`;
}

function linksOf(episode: Pick<Episode, 'annotations'> & Partial<Episode>) {
  const { runbook_url, dashboard_url } = episode.annotations;
  return [
    { text: 'Runbook', url: runbook_url },
    { text: 'Dashboard', url: dashboard_url },
    { text: 'Source', url: episode.generatorUrl },
    { text: 'Alertmanager', url: episode.externalUrl },
  ].flatMap(({ text, url }) => (url && /^https?:\/\//.test(url) ? [{ text, url }] : []));
}

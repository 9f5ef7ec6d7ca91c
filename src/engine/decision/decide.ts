import { describePreview } from '../../escalation/describe.js';
import { busyHold } from '../../guard/target-lock.js';
import type { Plan } from '../../integrations/contract/action.js';
import { type Busy, type Episode, type Miss, startedAtMs } from '../../ledger/episode.js';
import type { Reason } from '../../ledger/reason.js';
import type { Preview, RunStep } from '../../ledger/run.js';
import type { Playbook } from '../../playbook/playbook.js';
import type { Policy } from '../../playbook/policy.js';
import type { Selection } from '../../playbook/select.js';
import type { Resolution } from '../reading/resolve.js';
import { inShadow } from '../reading/target-settings.js';
import type { AskReason } from '../run/new-run.js';

/** What is to become of an episode, for one playbook or (`playbook: null`) for all of them. */
export type Decision =
  | {
      readonly kind: 'run';
      readonly playbook: Playbook;
      readonly steps: readonly RunStep[];
      readonly plan: Plan;
      /** What a person has to have seen before more than that is done; `null`: no one has. */
      readonly shown: readonly Preview[] | null;
      /** Why a person is asked first; `null`: no one is. */
      readonly ask: AskReason | null;
      /** Where the owner of its target wants to be told, if that is said. */
      readonly ownChannel?: string | undefined;
    }
  | {
      readonly kind: 'hold';
      readonly playbook: Playbook;
      readonly reason: Reason;
      readonly detail: string;
      readonly untilMs: number;
      readonly waitsFor?: Busy;
    }
  | {
      readonly kind: 'escalate';
      readonly playbook: Playbook | null;
      readonly reason: Reason;
      readonly detail: string;
      /** The clauses that kept other playbooks away. */
      readonly misses: readonly Miss[];
      /** What the report is about, where it is not about the alert: all alerts about it share one. */
      readonly subject?: string;
      readonly ownChannel?: string | undefined;
    }
  | { readonly kind: 'ignore'; readonly playbook: Playbook; readonly detail: string }
  | {
      readonly kind: 'shadow';
      readonly playbook: Playbook;
      /** What it would have done. */
      readonly detail: string;
      /** What it would have come to in mode auto; `null`: its targets were not read. */
      readonly would: Decision | null;
    };

export interface DecideInput {
  readonly episode: Episode;
  readonly selection: Selection;
  /** What became of the steps of the selected playbooks, and of those in shadow, by playbook name. */
  readonly resolutions: ReadonlyMap<string, Resolution>;
  readonly policy: Policy;
  /** The selected playbooks whose breaker is open. */
  readonly openBreakers: ReadonlySet<string>;
  /** When the ledger began; `null` or left out: so long ago that it knows what was done about every alert. */
  readonly ledgerBeganMs?: number | null;
  readonly nowMs: number;
}

const readAgainMs = 30_000;

/**
 * Decides what becomes of an episode. Pure: clock, state and playbooks come in, decisions come out,
 * so that anyone who tries a playbook tries what will run.
 */
export function decide(input: DecideInput): readonly Decision[] {
  const { selection } = input;
  const shadows = selection.shadows.map((playbook) => decideShadow(playbook, input));
  const decisions = selection.selected.map((playbook) => decideFor(playbook, input));
  if (decisions.length > 0) return [...decisions, ...shadows];
  return [unmatched(selection, input.episode), ...shadows];
}

/** What a playbook in shadow would have done, had it been in mode auto. Pure. */
export function decideShadow(
  playbook: Playbook,
  input: Omit<DecideInput, 'selection'>,
): Extract<Decision, { kind: 'shadow' }> {
  const resolution = input.resolutions.get(playbook.name);
  if (resolution === undefined && !playbook.ignore) {
    const detail = 'in shadow: it would match this alert';
    return { kind: 'shadow', playbook, detail, would: null };
  }
  const would = decideFor({ ...playbook, mode: 'auto' }, input);
  const preview = resolution?.kind === 'resolved' ? resolution.preview : [];
  const detail = `in shadow: it would ${describeWould(would, preview)}`;
  return { kind: 'shadow', playbook, detail, would };
}

function describeWould(would: Decision, preview: readonly Preview[]): string {
  switch (would.kind) {
    case 'run':
      if (would.plan.kind === 'wait') return `wait for its target: ${would.plan.detail}`;
      return describePreview(preview);
    case 'hold':
      return `defer the run (${would.reason}): ${would.detail}`;
    case 'escalate':
      return `escalate this alert (${would.reason}): ${would.detail}`;
    case 'ignore':
    case 'shadow':
      return `ignore this alert: ${would.detail}`;
  }
}

function unmatched({ considered, shadows }: Selection, { manual }: Episode): Decision {
  const misses = considered();
  const [nearest] = misses;
  if (manual !== undefined && shadows.length === 0 && nearest === undefined) {
    const detail = `no playbook is named ${manual.playbook} any more`;
    return { kind: 'escalate', playbook: null, reason: 'no_match', detail, misses };
  }
  if (nearest?.reason === 'expression_failed') {
    const detail = `${nearest.clause}: ${nearest.actual}`;
    return { kind: 'escalate', playbook: null, reason: 'expression_failed', detail, misses };
  }
  const detail = whyUnmatched(nearest !== undefined, shadows);
  return { kind: 'escalate', playbook: null, reason: 'no_match', detail, misses };
}

function whyUnmatched(isNear: boolean, shadows: readonly Playbook[]): string {
  if (shadows.length > 0) {
    const names = shadows.map(({ name }) => name).join(', ');
    return `no playbook acts on it; in shadow: ${names}`;
  }
  return isNear
    ? 'some playbooks are near misses, but none matches'
    : 'no playbook is about alerts with these labels';
}

function decideFor(playbook: Playbook, input: Omit<DecideInput, 'selection'>): Decision {
  if (playbook.ignore) return { kind: 'ignore', playbook, detail: playbook.summary };
  const { episode, resolutions, policy, nowMs } = input;
  if (episode.spent.includes(playbook.name)) {
    return {
      kind: 'hold',
      playbook,
      reason: 'already_run',
      detail: 'the alert fires again, or arrived late; a playbook runs once per episode',
      untilMs: nowMs + (playbook.escalate.afterMs ?? policy.escalate.afterMs),
    };
  }
  const resolution = resolutions.get(playbook.name);
  if (resolution === undefined) throw new Error(`${playbook.name} was selected but not resolved`);
  if (resolution.kind === 'busy') {
    const { busy } = resolution;
    return { kind: 'hold', playbook, ...busyHold(busy, nowMs) };
  }
  if (resolution.kind === 'unmet') {
    // it was met a moment ago, when it was selected
    const { clause, actual } = resolution.requirement;
    const untilMs = nowMs + readAgainMs;
    const detail = `${clause}: ${actual}`;
    return { kind: 'hold', playbook, reason: 'deploy_unknown', detail, untilMs };
  }
  if (resolution.kind === 'failed') {
    const { reason, detail } = resolution;
    return resolution.temporary
      ? { kind: 'hold', playbook, reason, detail, untilMs: nowMs + readAgainMs }
      : { kind: 'escalate', playbook, reason, detail, misses: [] };
  }
  if (episode.mutingUnseen) {
    const detail = 'Alertmanager did not deliver it, and a route to Jidoka has mute times';
    return { kind: 'escalate', playbook, reason: 'muting_unseen', detail, misses: [] };
  }
  const { steps, plan, preview, ownerSettings } = resolution;
  const ownChannel = ownerSettings.channel;
  const toPerson = { kind: 'escalate', playbook, misses: [], ownChannel } as const;
  if (ownerSettings.unreadable !== null) {
    return { ...toPerson, reason: 'labels_unreadable', ...ownerSettings.unreadable };
  }
  if (plan.kind === 'refused') return { ...toPerson, reason: plan.reason, detail: plan.detail };
  if (ownerSettings.shadow !== null) {
    const would = describeWould(
      { kind: 'run', playbook, steps, plan, shown: null, ask: null },
      preview,
    );
    const detail = `${inShadow(ownerSettings.shadow)}; it would ${would}`;
    return { ...toPerson, reason: 'target_shadow', detail };
  }
  const broken = input.openBreakers.has(playbook.name) ? 'breaker' : null;
  const asks = playbook.mode === 'approve' || ownerSettings.approve !== null;
  const why = asks ? 'approval' : (broken ?? (isBeforeLedger(input) ? 'before_ledger' : null));
  const run = { kind: 'run', playbook, steps, plan, ownChannel } as const;
  if (why === null) return { ...run, shown: null, ask: null };
  if (plan.kind === 'wait') {
    const { detail } = plan;
    const untilMs = nowMs + readAgainMs;
    return { kind: 'hold', playbook, reason: 'waiting', detail, untilMs };
  }
  // without a change there is nothing to ask
  const ask = preview.some(({ operations }) => operations.length > 0) ? why : null;
  return { ...run, shown: preview, ask };
}

/** Whether a young ledger cannot know what was done about an alert, which began before the ledger did. */
function isBeforeLedger(input: Omit<DecideInput, 'selection'>): boolean {
  const { episode, policy, ledgerBeganMs = null, nowMs } = input;
  if (ledgerBeganMs === null || nowMs >= ledgerBeganMs + policy.restore.observeMs) return false;
  return startedAtMs(episode) < ledgerBeganMs;
}

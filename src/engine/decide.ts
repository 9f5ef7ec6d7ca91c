import type { Plan } from '../action/action.js';
import { describeOutlook } from '../escalation/describe.js';
import { busyHold } from '../guard/target-lock.js';
import type { Busy, Episode, Miss } from '../ledger/episode.js';
import type { Reason } from '../ledger/reason.js';
import type { Outlook, RunStep } from '../ledger/run.js';
import type { Playbook } from '../playbook/playbook.js';
import type { Policy } from '../playbook/policy.js';
import type { Selection } from '../playbook/select.js';
import { inShadow } from './owners.js';
import type { Resolution } from './resolve.js';

/** What is to become of an episode, for one playbook or (`playbook: null`) for all of them. */
export type Ruling =
  | {
      readonly kind: 'run';
      readonly playbook: Playbook;
      readonly steps: readonly RunStep[];
      readonly plan: Plan;
      /** What a person has to have seen before more than that is done; `null`: nobody has. */
      readonly shown: readonly Outlook[] | null;
      /** Why a person is asked first; `null`: nobody is. */
      readonly ask: Extract<Reason, 'approval' | 'breaker'> | null;
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
      readonly would: Ruling | null;
    };

export interface DecideInput {
  readonly episode: Episode;
  readonly selection: Selection;
  /** What became of the steps of the selected playbooks, and of those in shadow, by playbook name. */
  readonly resolutions: ReadonlyMap<string, Resolution>;
  readonly policy: Policy;
  /** The selected playbooks whose breaker is open. */
  readonly openBreakers: ReadonlySet<string>;
  readonly nowMs: number;
}

const readAgainMs = 30_000;

/**
 * Decides what becomes of an episode. Pure: clock, state and playbooks come in, rulings come out,
 * so that whoever tries a playbook tries what will run.
 */
export function decide(input: DecideInput): readonly Ruling[] {
  const { selection } = input;
  const shadows = selection.shadows.map((playbook) => decideShadow(playbook, input));
  const rulings = selection.selected.map((playbook) => decideFor(playbook, input));
  if (rulings.length > 0) return [...rulings, ...shadows];
  return [unmatched(selection), ...shadows];
}

/** What a playbook in shadow would have done, had it been in mode auto. Pure. */
export function decideShadow(
  playbook: Playbook,
  input: Omit<DecideInput, 'selection'>,
): Extract<Ruling, { kind: 'shadow' }> {
  const resolution = input.resolutions.get(playbook.name);
  if (resolution === undefined && !playbook.ignore) {
    const detail = 'in shadow: it would have taken this alert';
    return { kind: 'shadow', playbook, detail, would: null };
  }
  const would = decideFor({ ...playbook, mode: 'auto' }, input);
  const outlook = resolution?.kind === 'resolved' ? resolution.outlook : [];
  const detail = `in shadow: it would have ${describeWould(would, outlook)}`;
  return { kind: 'shadow', playbook, detail, would };
}

function describeWould(would: Ruling, outlook: readonly Outlook[]): string {
  switch (would.kind) {
    case 'run':
      if (would.plan.kind === 'wait') return `waited for its target: ${would.plan.detail}`;
      return outlook.some(({ to, does }) => to.length > 0 && does === undefined)
        ? `changed ${describeOutlook(outlook)}`
        : `done ${describeOutlook(outlook)}`;
    case 'hold':
      return `been held (${would.reason}): ${would.detail}`;
    case 'escalate':
      return `handed this alert to a person (${would.reason}): ${would.detail}`;
    case 'ignore':
    case 'shadow':
      return `ignored this alert: ${would.detail}`;
  }
}

function unmatched({ considered, shadows }: Selection): Ruling {
  const misses = considered();
  const [nearest] = misses;
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
    return `no playbook acts on it; in shadow, and showing what it would do: ${names}`;
  }
  return isNear
    ? 'some playbooks come near, but none matches'
    : 'no playbook is written for alerts with these labels';
}

function decideFor(playbook: Playbook, input: Omit<DecideInput, 'selection'>): Ruling {
  if (playbook.ignore) return { kind: 'ignore', playbook, detail: playbook.summary };
  const { episode, resolutions, policy, nowMs } = input;
  if (episode.spent.includes(playbook.name)) {
    return {
      kind: 'hold',
      playbook,
      reason: 'already_run',
      detail: 'it fires again, or was reported late; the playbook is not run twice',
      untilMs: nowMs + (playbook.escalate.afterMs ?? policy.escalate.afterMs),
    };
  }
  const resolution = resolutions.get(playbook.name);
  if (resolution === undefined) throw new Error(`${playbook.name} was selected but not resolved`);
  if (resolution.kind === 'busy') {
    const { busy } = resolution;
    return { kind: 'hold', playbook, ...busyHold(busy, nowMs) };
  }
  if (resolution.kind === 'failed') {
    const { reason, detail } = resolution;
    return resolution.temporary
      ? { kind: 'hold', playbook, reason, detail, untilMs: nowMs + readAgainMs }
      : { kind: 'escalate', playbook, reason, detail, misses: [] };
  }
  if (episode.mutingUnseen) {
    const detail = 'Alertmanager did not deliver it, and a route to us is muted at times';
    return { kind: 'escalate', playbook, reason: 'muting_unseen', detail, misses: [] };
  }
  const { steps, plan, outlook, owners } = resolution;
  const ownChannel = owners.channel;
  const toPerson = { kind: 'escalate', playbook, misses: [], ownChannel } as const;
  if (owners.unreadable !== null) {
    return { ...toPerson, reason: 'labels_unreadable', ...owners.unreadable };
  }
  if (plan.kind === 'refused') return { ...toPerson, reason: plan.reason, detail: plan.detail };
  if (owners.shadow !== null) {
    const would = describeWould(
      { kind: 'run', playbook, steps, plan, shown: null, ask: null },
      outlook,
    );
    const detail = `${inShadow(owners.shadow.name)}; it would have ${would}`;
    return { ...toPerson, reason: 'target_shadow', detail };
  }
  const broken = input.openBreakers.has(playbook.name) ? 'breaker' : null;
  const asks = playbook.mode === 'approve' || owners.approve !== null;
  const why = asks ? 'approval' : broken;
  const run = { kind: 'run', playbook, steps, plan, ownChannel } as const;
  if (why === null) return { ...run, shown: null, ask: null };
  if (plan.kind === 'wait') {
    const { detail } = plan;
    const untilMs = nowMs + readAgainMs;
    return { kind: 'hold', playbook, reason: 'target_unavailable', detail, untilMs };
  }
  // nobody is asked about nothing
  const ask = outlook.some(({ to }) => to.length > 0) ? why : null;
  return { ...run, shown: outlook, ask };
}

import { describeOperations } from '../../escalation/describe.js';
import { type Reason, reasons } from '../../ledger/reason.js';
import { describeNearMiss } from '../../playbook/near-miss.js';
import type { Explanation, Forecast } from '../explain/explanation.js';
import { type LinkState, no, notChecked, yes } from './link.js';

/** The links that the engine decides. */
export type DecisionLinks = Readonly<Record<'playbook' | 'target' | 'mode', LinkState>>;

/** Reasons for which a target cannot be changed, whenever the alert comes. */
const withoutTarget: ReadonlySet<Reason> = new Set([
  'target_not_found',
  'unsupported',
  'no_bounds',
  'labels_unreadable',
  'expression_failed',
  'rejected',
]);

/** Says of an alert that was explained which playbook takes it, on which target, and in which mode. Pure. */
export function decisionLinks(explanation: Explanation): DecisionLinks {
  const { own, forecasts, playbooks } = explanation;
  if (own?.fate === 'ignored') return without(no(`Jidoka ignores the alert: ${own.detail}`));
  const named = forecasts.filter(({ playbook }) => playbook !== null);
  const taking = named.find(({ shadow }) => !shadow) ?? named[0];
  if (taking === undefined) return without(no(lowered(describeNearMiss(playbooks))));
  const mode = playbooks.find(({ playbook }) => playbook === taking.playbook)?.mode ?? 'auto';
  return {
    playbook: yes(taking.playbook ?? ''),
    target: targetLink(taking),
    mode: modeLink(taking, mode),
  };
}

/** Links after one that does not hold. */
function without(playbook: LinkState): DecisionLinks {
  const other = notChecked('no playbook takes the alert');
  return { playbook, target: other, mode: other };
}

function targetLink(forecast: Forecast): LinkState {
  const { fate, reason, detail, steps, runId, playbook } = forecast;
  if (fate === 'ignored') return notChecked(`${playbook} ignores the alert`);
  if (withoutTarget.has(reason)) return no(detail === '' ? reasons[reason] : detail);
  if (reason === 'target_unavailable') return notChecked(detail);
  const [first] = steps;
  if (first?.target != null) {
    const { target, operations, detail: why } = first;
    const change = operations.length > 0 ? describeOperations(operations, target) : target;
    return yes(why === '' ? change : `${change} (${why})`);
  }
  if (runId !== null) return yes(`run ${runId}`);
  return notChecked(detail === '' ? reasons[reason] : detail);
}

function modeLink(forecast: Forecast, mode: 'shadow' | 'approve' | 'auto'): LinkState {
  const { fate, reason, detail, shadow, playbook, heldBy } = forecast;
  if (fate === 'ignored') return notChecked(`${playbook} ignores the alert`);
  if (shadow) return no(`${playbook} is in mode shadow and changes nothing`);
  if (reason === 'target_shadow') return no(detail);
  if (withoutTarget.has(reason)) return notChecked('the target cannot be changed');
  const [hold] = heldBy;
  const later =
    fate === 'held' ? `; deferred now: ${hold?.detail ?? (detail || reasons[reason])}` : '';
  const asks = fate === 'ask' || mode === 'approve';
  return yes(`${asks ? 'a person approves' : mode}${later}`);
}

function lowered(sentence: string): string {
  return `${sentence.charAt(0).toLowerCase()}${sentence.slice(1).replace(/\.$/, '')}`;
}

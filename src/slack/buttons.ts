import { clickValue } from '../escalation/click.js';
import { describeHelped } from '../escalation/describe.js';
import type { Choice, Escalation } from '../ledger/escalation.js';
import type { Run } from '../ledger/run.js';
import { addressOf } from './alert.js';
import { type Block, type Button, button, linkButton } from './blocks.js';
import { sizeOf } from './text.js';

/** Buttons that are no choices, by their `action_id`; no choice has one of these as its id. */
export const askWhy = 'why';
export const cancelRunButton = 'cancel_run';
export const denyWithReason = 'deny_with_reason';
const openRunbook = 'open_runbook';

const maxButtons = 25;
/** What the choices may take up of a message; with confirmations a button is some 800 characters. */
const longestChoices = 9_000;

/**
 * The buttons of an open question: its choices, and below them what helps to choose. Where there is not
 * room for all, suggested actions are left out; the API and the console have them all. While a run follows
 * from the answer, the button that cancels it.
 */
export function buttonBlocks(escalation: Escalation, run: Run | null = null): readonly Block[] {
  const { state, choices } = escalation;
  const cancel = cancelButtons(escalation, run);
  if (state !== 'open' || choices === null || choices.length === 0) {
    return cancel.length === 0 ? [] : [{ type: 'actions', elements: cancel }];
  }
  const helpers = [...helperButtons(escalation), ...cancel];
  return [
    { type: 'actions', elements: choiceButtons(escalation.id, choices) },
    ...(helpers.length === 0 ? [] : [{ type: 'actions' as const, elements: helpers }]),
  ];
}

/** A plan that waits for approval has a button that denies it. */
function cancelButtons({ id, runId }: Escalation, run: Run | null): readonly Button[] {
  if (run === null || run.id !== runId || run.cancelled !== undefined) return [];
  if (run.state === 'ended' || run.state === 'awaiting_approval') return [];
  const value = clickValue(id, cancelRunButton);
  const confirm =
    'Jidoka sends no further change. It watches a change in progress to its end, and releases the target.';
  return [button({ id: cancelRunButton, label: 'Cancel run', value, style: 'danger', confirm })];
}

function choiceButtons(id: string, choices: readonly Choice[]): readonly Button[] {
  const kept = choices.slice(0, maxButtons);
  for (;;) {
    const buttons = kept.map((choice) => choiceButton(id, choice));
    const last = kept.findLastIndex(({ does }) => does.kind === 'act');
    if (sizeOf(buttons) <= longestChoices || last === -1) return buttons;
    kept.splice(last, 1);
  }
}

function choiceButton(escalationId: string, { id, label, style, confirm, helped }: Choice): Button {
  const value = clickValue(escalationId, id);
  const told = helped === undefined ? label : `${label} (${describeHelped(helped)})`;
  return button({ id, label: told, value, style, confirm });
}

function helperButtons({ id, kind, labels, links, choices }: Escalation): readonly Button[] {
  const deny = choices?.find(({ does }) => does.kind === 'deny');
  const runbook = addressOf(links.find(({ text }) => text === 'Runbook')?.url ?? '');
  const style = undefined;
  return [
    ...(deny === undefined
      ? []
      : [
          button({
            id: denyWithReason,
            label: 'Deny with a reason…',
            value: clickValue(id, deny.id),
            style,
          }),
        ]),
    ...(Object.keys(labels).length === 0 || kind === 'lesson'
      ? []
      : [button({ id: askWhy, label: 'Why?', value: clickValue(id, askWhy), style })]),
    ...(runbook === undefined ? [] : [linkButton(openRunbook, 'Open runbook', runbook)]),
  ];
}

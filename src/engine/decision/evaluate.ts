import type { Busy, Episode } from '../../ledger/episode.js';
import type { AlertInput, Playbook } from '../../playbook/playbook.js';
import { type Selection, selectPlaybooks } from '../../playbook/select.js';
import { alertInput } from '../context/alert-input.js';
import type { EngineContext } from '../context/context.js';
import { type Resolution, resolve, type TargetReader } from '../reading/resolve.js';
import { openBreakersOf } from '../run/breakers.js';
import { type Decision, decide } from './decide.js';
import { isFinal } from './dispositions.js';

/** The playbooks that match an episode, and which of them are asked. */
export interface Chosen {
  readonly selection: Selection;
  readonly input: AlertInput;
  /** Those that take it and have not given their last word. */
  readonly asked: readonly Playbook[];
  /** All that take it have given their last word: there is nothing to decide. */
  readonly isOver: boolean;
}

/** What the playbooks make of an episode. */
export interface Decisions {
  readonly decisions: readonly Decision[];
  /** What became of the steps of the playbooks that were asked, by playbook name. */
  readonly resolutions: ReadonlyMap<string, Resolution>;
}

interface Circumstances {
  readonly observe: TargetReader;
  /** The runs that playbooks are known to wait for; their targets are not read meanwhile. */
  readonly busy: ReadonlyMap<string, Busy>;
  /** Breakers are not read but taken to be closed; what begins is admitted only if that is so. */
  readonly breakersUnread?: boolean;
  readonly nowMs: number;
}

/** Selects the playbooks for an episode. */
export function choose(context: EngineContext, episode: Episode): Chosen {
  const input = alertInput(context, episode);
  const selection = selectPlaybooks(context.active().library, input);
  const asked = selection.selected.filter(({ name }) => !isFinal(episode, name));
  const isOver = selection.selected.length > 0 && asked.length === 0;
  return { selection, input, asked, isOver };
}

/** Whether nothing has to be read of any target to decide what is to become of it. */
export function needsNoTarget({ actions }: EngineContext, { asked, selection }: Chosen): boolean {
  return (
    selection.shadows.length === 0 &&
    asked.every(
      ({ ignore, steps }) =>
        ignore || steps.every(({ action }) => actions.get(action.name)?.unobservable === true),
    )
  );
}

/**
 * Resolves and decides: what is to become of an episode, by those who are asked. Changes nothing. What
 * playbooks in shadow would have done is predicted elsewhere.
 */
export async function evaluate(
  context: EngineContext,
  episode: Episode,
  { selection, input, asked, isOver }: Chosen,
  { observe, busy, breakersUnread = false, nowMs }: Circumstances,
): Promise<Decisions> {
  const { policy } = context.active();
  const resolutions = new Map<string, Resolution>();
  if (isOver) return { decisions: [], resolutions };
  // asked while the targets are read
  const breakers = openBreakersOf(context, breakersUnread ? [] : asked);
  breakers.catch(() => {});
  for (const playbook of asked) {
    if (playbook.ignore || episode.spent.includes(playbook.name)) continue;
    const known = busy.get(playbook.name);
    const resolution: Resolution =
      known === undefined
        ? await resolve(playbook, input, observe, policy.bounds)
        : { kind: 'busy', busy: known };
    resolutions.set(playbook.name, resolution);
  }
  const decisions = decide({
    episode,
    selection: { ...selection, selected: asked },
    resolutions,
    policy,
    openBreakers: await breakers,
    ledgerBeganMs: context.ledgerBeganMs?.() ?? null,
    nowMs,
  });
  return { decisions: decisions.filter(({ kind }) => kind !== 'shadow'), resolutions };
}

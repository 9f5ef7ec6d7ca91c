import { type Busy, type Episode, startedAtMs } from '../../ledger/episode.js';
import type { Clause } from '../../playbook/clauses.js';
import type { AlertInput, Playbook } from '../../playbook/playbook.js';
import { noneMet, type Selection, selectPlaybooks } from '../../playbook/select.js';
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
  readonly startedAtMs: number;
  /** What became of the steps of playbooks that require something of their target, by playbook name. */
  readonly resolutions: ReadonlyMap<string, Resolution>;
}

/** What the playbooks make of an episode. */
export interface Decisions {
  readonly decisions: readonly Decision[];
  /** What became of the steps of the playbooks that were asked, by playbook name. */
  readonly resolutions: ReadonlyMap<string, Resolution>;
}

interface Circumstances {
  readonly reader: TargetReader;
  /** The runs that playbooks are known to wait for; their targets are not read meanwhile. */
  readonly busy: ReadonlyMap<string, Busy>;
  /** Breakers are not read but taken to be closed; what begins is admitted only if that is so. */
  readonly breakersUnread?: boolean;
  readonly nowMs: number;
}

/** Selects the playbooks for an episode. What they require of their targets is taken to be met. */
export function choose(context: EngineContext, episode: Episode): Chosen {
  const input = alertInput(context, episode);
  const selection = selectPlaybooks(context.active().library, input);
  return chosenOf(episode, input, selection, new Map());
}

function chosenOf(
  episode: Episode,
  input: AlertInput,
  selection: Selection,
  resolutions: Chosen['resolutions'],
): Chosen {
  const asked = selection.selected.filter(({ name }) => !isFinal(episode, name));
  const isOver = selection.selected.length > 0 && asked.length === 0;
  return { selection, input, asked, isOver, startedAtMs: startedAtMs(episode), resolutions };
}

/**
 * Selects once more with what playbooks require of their targets, which is read for it: one whose requirement
 * is not met takes nothing, and the next is tried. Those that have had their say, or wait for a run, are not
 * asked again.
 */
export async function meetRequirements(
  context: EngineContext,
  episode: Episode,
  chosen: Chosen,
  { reader, busy }: Pick<Circumstances, 'reader' | 'busy'>,
): Promise<Chosen> {
  const { input } = chosen;
  const { library, policy } = context.active();
  const resolutions = new Map<string, Resolution>();
  const known = new Map<Playbook, Clause | undefined>();
  let { selection } = chosen;
  for (;;) {
    const next = [...selection.selected, ...selection.shadows].find(
      (one) => one.requires !== undefined && !known.has(one) && !hasSpoken(episode, one, busy),
    );
    if (next === undefined) break;
    const { startedAtMs } = chosen;
    const about = { bounds: policy.bounds, startedAtMs };
    const resolution = await resolve(next, input, reader, about);
    resolutions.set(next.name, resolution);
    known.set(next, resolution.kind === 'busy' ? undefined : resolution.requirement);
    selection = selectPlaybooks(library, input, (playbook) => known.get(playbook));
  }
  return chosenOf(episode, input, selection, resolutions);
}

/**
 * What was chosen where the requirements of some playbooks were not met, and those that came after them have
 * had their say: what was not met then is not read again. `null`: there is something to decide.
 */
export function alreadyPassedOver(
  context: EngineContext,
  episode: Episode,
  { selection, input }: Chosen,
): Chosen | null {
  const requiring = [...selection.selected, ...selection.shadows].filter(
    ({ requires }) => requires !== undefined,
  );
  const isAsked = requiring.some(({ name }) =>
    episode.verdicts.some((one) => one.playbook === name),
  );
  if (requiring.length === 0 || isAsked) return null;
  const rest = selectPlaybooks(context.active().library, input, noneMet);
  const isDecided =
    rest.selected.length > 0
      ? rest.selected.every(({ name }) => isFinal(episode, name))
      : isFinal(episode, null);
  return isDecided ? chosenOf(episode, input, rest, new Map()) : null;
}

/** Whether nothing is read for a playbook: it has given its last word, had its run, or waits for one. */
function hasSpoken(episode: Episode, { name }: Playbook, busy: ReadonlyMap<string, Busy>): boolean {
  return isFinal(episode, name) || episode.spent.includes(name) || busy.has(name);
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
  { selection, input, asked, isOver, startedAtMs, resolutions: known }: Chosen,
  { reader, busy, breakersUnread = false, nowMs }: Circumstances,
): Promise<Decisions> {
  const { policy } = context.active();
  const resolutions = new Map<string, Resolution>();
  if (isOver) return { decisions: [], resolutions };
  // asked while the targets are read
  const breakers = openBreakersOf(context, breakersUnread ? [] : asked);
  breakers.catch(() => {});
  for (const playbook of asked) {
    if (playbook.ignore || episode.spent.includes(playbook.name)) continue;
    const run = busy.get(playbook.name);
    const resolution: Resolution =
      run === undefined
        ? (known.get(playbook.name) ??
          (await resolve(playbook, input, reader, { bounds: policy.bounds, startedAtMs })))
        : { kind: 'busy', busy: run };
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

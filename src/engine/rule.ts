import type { Busy, Episode } from '../ledger/episode.js';
import type { ExpressionInput, Playbook } from '../playbook/playbook.js';
import { type Selection, selectPlaybooks } from '../playbook/select.js';
import { openBreakersOf } from './breakers.js';
import { decide, type Ruling } from './decide.js';
import type { EngineParts } from './parts.js';
import { type Resolution, resolve, type TargetReader } from './resolve.js';
import { isFinal } from './verdicts.js';

/** The playbooks that match an episode, and which of them are asked. */
export interface Chosen {
  readonly selection: Selection;
  readonly input: ExpressionInput;
  /** Those that take it and have not given their last word. */
  readonly asked: readonly Playbook[];
  /** All that take it have given their last word: there is nothing to decide. */
  readonly isOver: boolean;
}

/** What the playbooks make of an episode. */
export interface Ruled {
  readonly rulings: readonly Ruling[];
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

/** What expressions may read of an episode. */
export function expressionInput(
  { workerAsg }: Pick<EngineParts, 'workerAsg'>,
  { labels, annotations }: Pick<Episode, 'labels' | 'annotations'>,
): ExpressionInput {
  return { labels, annotations, worker_asg: workerAsg };
}

/** Selects the playbooks for an episode. */
export function choose(parts: EngineParts, episode: Episode): Chosen {
  const input = expressionInput(parts, episode);
  const selection = selectPlaybooks(parts.active().library, input);
  const asked = selection.selected.filter(({ name }) => !isFinal(episode, name));
  const isOver = selection.selected.length > 0 && asked.length === 0;
  return { selection, input, asked, isOver };
}

/** Whether nothing has to be read of any target to decide what is to become of it. */
export function needsNoTarget({ actions }: EngineParts, { asked, selection }: Chosen): boolean {
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
 * playbooks in shadow would have done is foretold elsewhere.
 */
export async function rule(
  parts: EngineParts,
  episode: Episode,
  { selection, input, asked, isOver }: Chosen,
  { observe, busy, breakersUnread = false, nowMs }: Circumstances,
): Promise<Ruled> {
  const { policy } = parts.active();
  const resolutions = new Map<string, Resolution>();
  if (isOver) return { rulings: [], resolutions };
  // asked while the targets are read
  const breakers = openBreakersOf(parts, breakersUnread ? [] : asked);
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
  const rulings = decide({
    episode,
    selection: { ...selection, selected: asked },
    resolutions,
    policy,
    openBreakers: await breakers,
    nowMs,
  });
  return { rulings: rulings.filter(({ kind }) => kind !== 'shadow'), resolutions };
}

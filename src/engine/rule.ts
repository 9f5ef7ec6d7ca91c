import type { Busy, Episode } from '../ledger/episode.js';
import type { ExpressionInput } from '../playbook/playbook.js';
import { type Selection, selectPlaybooks } from '../playbook/select.js';
import { openBreakersOf } from './breakers.js';
import { decide, type Ruling } from './decide.js';
import type { EngineParts } from './parts.js';
import { type Resolution, resolve, type TargetReader } from './resolve.js';
import { isFinal } from './verdicts.js';

/** What the playbooks make of an episode, and what that was worked out from. */
export interface Ruled {
  readonly rulings: readonly Ruling[];
  readonly selection: Selection;
  /** What became of the steps of the playbooks that were asked, by playbook name. */
  readonly resolutions: ReadonlyMap<string, Resolution>;
}

interface Circumstances {
  readonly observe: TargetReader;
  /** The runs that playbooks are known to wait for; their targets are not read meanwhile. */
  readonly busy: ReadonlyMap<string, Busy>;
  readonly nowMs: number;
}

/** What expressions may read of an episode. */
export function expressionInput(
  { workerAsg }: Pick<EngineParts, 'workerAsg'>,
  { labels, annotations }: Pick<Episode, 'labels' | 'annotations'>,
): ExpressionInput {
  return { labels, annotations, worker_asg: workerAsg };
}

/**
 * Selects, resolves and decides: what is to become of an episode. Playbooks that have given their last
 * word are not asked again, and those in shadow are only selected. Changes nothing.
 */
export async function rule(
  parts: EngineParts,
  episode: Episode,
  { observe, busy, nowMs }: Circumstances,
): Promise<Ruled> {
  const { library, policy } = parts.active();
  const input = expressionInput(parts, episode);
  const selection = selectPlaybooks(library, input);
  const selected = selection.selected.filter(({ name }) => !isFinal(episode, name));
  const resolutions = new Map<string, Resolution>();
  if (selection.selected.length > 0 && selected.length === 0) {
    return { rulings: [], selection, resolutions };
  }
  for (const playbook of selected) {
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
    selection: { ...selection, selected, shadows: [] },
    resolutions,
    policy,
    openBreakers: await openBreakersOf(parts, selected),
    nowMs,
  });
  return { rulings, selection, resolutions };
}

import type { Source } from '../../alertmanager/source.js';
import type { Episode } from '../../ledger/episode.js';
import type { AlertInput } from '../../playbook/playbook.js';
import type { EngineContext } from './context.js';

/** The part of an episode that playbooks are compared with. */
export type AskedEpisode = Pick<
  Episode,
  'labels' | 'annotations' | 'source' | 'routeLabels' | 'manual'
>;

/** Returns what playbooks match and their expressions read of an episode. */
export function alertInput(
  { workerAsg }: Pick<EngineContext, 'workerAsg'>,
  { labels, annotations, routeLabels, source, manual }: AskedEpisode,
): AlertInput {
  return {
    labels,
    annotations,
    route: routeLabels ?? {},
    worker_asg: workerAsg,
    // an engine of another version may know others, which no playbook of this one takes
    source: source as Source,
    ...(manual === undefined ? {} : { manual: manual.playbook }),
  };
}

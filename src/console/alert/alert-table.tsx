import type { Episode } from '../../ledger/episode.js';
import { Badge } from '../components/badge.js';
import { nameOfAlert } from '../components/labels.js';
import { Table } from '../components/table.js';
import { Ago } from '../components/time.js';
import { fateOfAlert } from './disposition.js';

/** Alerts in a table, each with what became of it. */
export function AlertTable(props: {
  readonly caption: string;
  readonly episodes: readonly Episode[];
  readonly nowMs: number;
}) {
  const { caption, episodes, nowMs } = props;
  return (
    <Table
      caption={caption}
      columns={['Alert', 'Summary', 'Status', 'Reason', 'Since']}
      rows={episodes.map((episode) => {
        const { tone, word, why } = fateOfAlert(episode);
        const { summary, description = '' } = episode.annotations;
        return [
          <a href={`/alerts/${episode.id}`}>{nameOfAlert(episode.labels)}</a>,
          summary ?? description.split('\n')[0],
          <Badge tone={tone}>{word}</Badge>,
          why,
          <>
            <Ago ms={episode.openedAtMs} nowMs={nowMs} />
            {episode.closedAtMs !== null && <span class="soft"> (resolved)</span>}
          </>,
        ];
      })}
    />
  );
}

import type { Episode, Verdict } from '../../ledger/episode.js';
import { reasons } from '../../ledger/reason.js';
import { Badge, type Tone } from '../components/badge.js';
import { nameOfAlert } from '../components/labels.js';
import { Empty, More, Section } from '../components/section.js';
import { Table } from '../components/table.js';
import { Ago } from '../components/time.js';
import type { Now } from './read-now.js';

/** The alerts that fire, and what was made of each. */
export function Firing({ now }: { readonly now: Now }) {
  const { items, total } = now.firing;
  return (
    <Section id="firing" title="Alerts that fire" count={total}>
      {items.length === 0 ? (
        <Empty>No alert fires, as far as Jidoka was told.</Empty>
      ) : (
        <Table
          caption="Alerts that fire, the newest first"
          columns={['Alert', 'Fate', 'Why', 'Fires since']}
          rows={items.map((episode) => [
            <a href={`/alerts/${episode.id}`}>{nameOfAlert(episode.labels)}</a>,
            <Fate episode={episode} />,
            whyOf(episode),
            <Ago ms={episode.openedAtMs} nowMs={now.nowMs} />,
          ])}
        />
      )}
      <More shown={items.length} total={total} path="/alerts?state=open" />
    </Section>
  );
}

const fates: Readonly<Record<Verdict['fate'], { readonly tone: Tone; readonly word: string }>> = {
  run: { tone: 'busy', word: 'has a run' },
  held: { tone: 'warn', word: 'held' },
  escalated: { tone: 'warn', word: 'with a person' },
  ignored: { tone: 'calm', word: 'needs nobody' },
  shadow: { tone: 'calm', word: 'shadow only' },
};

/** What became of an alert, in a word. */
function Fate({ episode }: { readonly episode: Pick<Episode, 'verdicts'> }) {
  const verdict = mainVerdict(episode);
  if (verdict === undefined) return <Badge tone="calm">being decided</Badge>;
  const { tone, word } = fates[verdict.fate];
  return <Badge tone={tone}>{word}</Badge>;
}

/** The latest word on an alert; what is in shadow counts only where nobody else has spoken. */
function mainVerdict({ verdicts }: Pick<Episode, 'verdicts'>): Verdict | undefined {
  return verdicts.findLast(({ fate }) => fate !== 'shadow') ?? verdicts.at(-1);
}

function whyOf(episode: Episode): string {
  const verdict = mainVerdict(episode);
  if (verdict === undefined) return '';
  const { playbook, reason } = verdict;
  return playbook === null ? reasons[reason] : `${playbook}: ${reasons[reason]}`;
}

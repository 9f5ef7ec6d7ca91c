import { Hono } from 'hono';
import { createPlaybookStatuses } from '../../engine/reports/playbook-status.js';
import type { Playbook } from '../../playbook/playbook.js';
import { Badge } from '../components/badge.js';
import { Field } from '../components/form.js';
import { PageHead } from '../components/page-head.js';
import { SearchForm } from '../components/search-form.js';
import { Empty, Older, Section } from '../components/section.js';
import { Table } from '../components/table.js';
import { Ago } from '../components/time.js';
import type { ConsoleParts } from '../parts.js';
import { showPage } from '../show.js';
import type { ConsoleEnv } from '../visit.js';
import { holdsOf, modes, resultsOf, shownDays } from './playbook-words.js';

const pageSize = 25;

/** `/playbooks`: all that decide now, in the order in which they are tried, and what came of them. */
export function createPlaybooksPage(
  parts: Pick<ConsoleParts, 'ledger' | 'active' | 'pauses' | 'clock'>,
): Hono<ConsoleEnv> {
  const { active, clock } = parts;
  const standings = createPlaybookStatuses(parts);
  const page = new Hono<ConsoleEnv>();

  page.get('/playbooks', async (c) => {
    const { playbooks } = active().library;
    const words = (c.req.query('q') ?? '').slice(0, 200);
    const found = words === '' ? playbooks : playbooks.filter((one) => isAbout(one, words));
    const before = c.req.query('before');
    const start = found.findIndex(({ name }) => name === before) + 1;
    const items = found.slice(start, start + pageSize);
    const next = start + pageSize < found.length ? (items.at(-1)?.name ?? null) : null;
    const nowMs = clock.now();
    const rows = (await standings.of(items, shownDays)).map((standing) => {
      const { playbook, evidence } = standing;
      const { name, summary, mode, ignore, match } = playbook;
      return [
        <>
          <a href={`/playbooks/${encodeURIComponent(name)}`}>{name}</a>
          <br />
          <span class="soft">{summary}</span>
        </>,
        <>
          <Badge tone={ignore ? 'calm' : modes[mode].tone}>{ignore ? 'ignore' : mode}</Badge>{' '}
          {holdsOf(standing).map(({ tone, word }) => (
            <>
              <Badge tone={tone}>{word}</Badge>{' '}
            </>
          ))}
        </>,
        <code>{match.map(String).join(', ')}</code>,
        resultsOf(playbook, evidence),
        evidence.lastMs === null ? '–' : <Ago ms={evidence.lastMs} nowMs={nowMs} />,
      ];
    });
    const path = words === '' ? '/playbooks' : `/playbooks?q=${encodeURIComponent(words)}`;
    return showPage(
      c,
      { title: 'Playbooks' },
      <>
        <PageHead title="Playbooks" />
        <SearchForm action="/playbooks">
          <Field
            id="q"
            type="search"
            label="Name, summary or matcher"
            value={words}
            maxlength={200}
          />
        </SearchForm>
        <Section
          id="playbooks"
          title={words === '' ? 'Playbooks, in the order in which Jidoka tries them' : 'Found'}
          count={found.length}
        >
          {rows.length === 0 ? (
            <Empty>
              {playbooks.length === 0 ? 'No playbooks are loaded.' : 'No playbook matches.'}
            </Empty>
          ) : (
            <Table
              caption="Playbooks, the one that is tried first on top"
              columns={['Playbook', 'Mode', 'Matches', `In ${shownDays} days`, 'Latest']}
              rows={rows}
            />
          )}
          <Older next={next} path={path} word="Next" />
        </Section>
      </>,
    );
  });

  return page;
}

/** Whether all of these words stand in what a playbook says of itself. */
function isAbout({ name, summary, owner, match }: Playbook, words: string): boolean {
  const text = [name, summary, owner, ...match.map(String)].join('\n').toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

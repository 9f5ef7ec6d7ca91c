import { Hono } from 'hono';
import {
  createPlaybookStatuses,
  type PlaybookStatus,
} from '../../engine/reports/playbook-status.js';
import type { Run } from '../../ledger/run.js';
import { Badge } from '../components/badge.js';
import { Code } from '../components/code.js';
import { nameOfAlert } from '../components/labels.js';
import { PageHead } from '../components/page-head.js';
import { Empty, Section } from '../components/section.js';
import { Table } from '../components/table.js';
import { Ago } from '../components/time.js';
import type { ConsoleParts } from '../parts.js';
import { aimOf, standingOf, whyOf } from '../run-words.js';
import { showMissing, showPage } from '../show.js';
import { type ConsoleEnv, mayChange } from '../visit.js';
import { EvidenceSection } from './evidence.js';
import { GuardsSection } from './guards.js';
import { modes, shownDays } from './playbook-words.js';

const shownRuns = 10;

/** `/playbooks/:name`: a playbook as it is loaded, what came of it, and what holds it now. */
export function createPlaybookPage(
  parts: Pick<ConsoleParts, 'ledger' | 'active' | 'pauses' | 'clock'>,
): Hono<ConsoleEnv> {
  const { active, clock } = parts;
  const standings = createPlaybookStatuses(parts);
  const page = new Hono<ConsoleEnv>();

  page.get('/playbooks/:name', async (c) => {
    const playbook = active().library.named(c.req.param('name'));
    const [standing] = playbook === undefined ? [] : await standings.of([playbook], shownDays);
    if (playbook === undefined || standing === undefined) return showMissing(c, 'playbook');
    const runs = await standings.latestRuns(playbook.name);
    const targets = await standings.onTargets(playbook, runs);
    const nowMs = clock.now();
    const { name, mode, ignore, text, file } = playbook;
    return showPage(
      c,
      { title: name },
      <>
        <PageHead
          title={name}
          actions={
            <>
              <a href={`/playbooks/${encodeURIComponent(name)}/alerts`}>Matching alerts</a>
              {!ignore && mode !== 'shadow' && mayChange(c.get('visitor')) && (
                <a class="button" href={`/playbooks/${encodeURIComponent(name)}/run`}>
                  Run…
                </a>
              )}
            </>
          }
        >
          <Badge tone={ignore ? 'calm' : modes[mode].tone}>{ignore ? 'ignore' : mode}</Badge>
        </PageHead>
        <div class="columns">
          <What standing={standing} />
          <EvidenceSection standing={standing} />
          {!ignore && (
            <GuardsSection
              standing={standing}
              targets={targets}
              visitor={c.get('visitor')}
              nowMs={nowMs}
            />
          )}
          {!ignore && (
            <LatestRuns name={playbook.name} runs={runs.slice(0, shownRuns)} nowMs={nowMs} />
          )}
        </div>
        <Section id="yaml" title="YAML">
          <Code label={`${name} as it stands in ${file}`} text={text} />
        </Section>
      </>,
    );
  });

  return page;
}

function What({ standing: { playbook } }: { readonly standing: PlaybookStatus }) {
  const { summary, owner, file, mode, ignore, sources, match, when } = playbook;
  return (
    <Section id="what" title="Playbook">
      <p>{summary}</p>
      <dl class="facts">
        <dt>Mode</dt>
        <dd>{ignore ? 'ignores these alerts' : `${mode}: ${modes[mode].means}`}</dd>
        <dt>Source</dt>
        <dd>{[...sources].join(', ')}</dd>
        <dt>Matches</dt>
        <dd>
          <code>{match.map(String).join(', ')}</code>
          {when !== undefined && (
            <>
              {' '}
              when <code>{when.text}</code>
            </>
          )}
        </dd>
        <dt>Owner</dt>
        <dd>{owner ?? 'none'}</dd>
        <dt>File</dt>
        <dd>
          <code>{file}</code>
        </dd>
      </dl>
    </Section>
  );
}

function LatestRuns(props: {
  /** Of the playbook. */
  readonly name: string;
  readonly runs: readonly Run[];
  readonly nowMs: number;
}) {
  const { name, runs, nowMs } = props;
  return (
    <Section id="latest-runs" title="Latest runs">
      {runs.length === 0 ? (
        <Empty>No runs.</Empty>
      ) : (
        <Table
          caption="Latest runs, the newest first"
          columns={['Alert', 'Target', 'Status', 'Started']}
          rows={runs.map((run) => [
            <a href={`/runs/${run.id}`}>{nameOfAlert(run.labels)}</a>,
            aimOf(run),
            <>
              <Badge tone={standingOf(run).tone}>{standingOf(run).word}</Badge>{' '}
              <span class="soft">{whyOf(run)}</span>
            </>,
            <Ago ms={run.createdAtMs} nowMs={nowMs} />,
          ])}
        />
      )}
      {runs.length > 0 && (
        <a href={`/history?playbook=${encodeURIComponent(name)}&fate=run`}>All its alerts</a>
      )}
    </Section>
  );
}

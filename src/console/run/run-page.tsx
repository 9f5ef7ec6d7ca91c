import { Hono } from 'hono';
import { describePreview } from '../../escalation/describe.js';
import { lookUpEvidence } from '../../evidence/look-up.js';
import type { AuditRecord } from '../../ledger/audit.js';
import { createPages, type Membership } from '../../ledger/pages.js';
import type { Run } from '../../ledger/run.js';
import { sentence } from '../../lib/sentence.js';
import { formatDuration } from '../../lib/time.js';
import { Badge } from '../components/badge.js';
import { Code } from '../components/code.js';
import { EvidenceSection, MoreEvidence } from '../components/evidence-section.js';
import { LabelList } from '../components/labels.js';
import { PageHead } from '../components/page-head.js';
import { Section } from '../components/section.js';
import { Ago, Until } from '../components/time.js';
import { Clauses, compareWith } from '../decision/clauses.js';
import type { ConsoleParts } from '../parts.js';
import { aimOf, originOf, standingOf, whyOf } from '../run-words.js';
import { showMissing, showPage } from '../show.js';
import type { ConsoleEnv } from '../visit.js';
import { alertsIn } from './alerts-in.js';
import { CancelButton } from './cancel-button.js';
import { Executions } from './executions.js';
import { Records } from './records.js';
import { SizePlots } from './size-plot.js';
import { Timeline } from './timeline.js';

type RunPageParts = Pick<ConsoleParts, 'ledger' | 'active' | 'workerAsg' | 'clock'>;

/** How many of a run's alerts are linked unasked. */
const maxAlerts = 20;

/** `/runs/:id`: what one run did, why, and what came of it. */
export function createRunPage(parts: RunPageParts): Hono<ConsoleEnv> {
  const { ledger, clock } = parts;
  const pages = createPages({ ledger });
  const page = new Hono<ConsoleEnv>();

  page.get('/runs/:id', async (c) => {
    const id = c.req.param('id');
    const [run, trail] = await Promise.all([pages.run(id), pages.runTrail(id)]);
    if (run === null) return showMissing(c, 'run');
    const nowMs = clock.now();
    const evidence = await lookUpEvidence(ledger, run, nowMs);
    const { tone, word } = standingOf(run);
    const title = `${originOf(run)} on ${aimOf(run)}`;
    return showPage(
      c,
      { title: `${word}: ${title}` },
      <>
        <PageHead
          title={title}
          actions={
            <>
              {run.state === 'awaiting_approval' && run.escalationId !== null && (
                <a class="button primary" href={`/escalations/${run.escalationId}`}>
                  Decide…
                </a>
              )}
              <CancelButton run={run} visitor={c.get('visitor')} />
            </>
          }
        >
          <Badge tone={tone}>{word}</Badge>
        </PageHead>
        <div class="split">
          <div class="split-main">
            <Section id="course" title="Timeline">
              <PlaybookStatus run={run} nowMs={nowMs} />
              <SizePlots run={run} nowMs={nowMs} />
              <Timeline run={run} />
            </Section>
            <Executions run={run} />
            <EvidenceSection evidence={evidence} />
          </div>
          <aside class="split-side" aria-label="Plan and alerts">
            <Section id="plan" title="Plan">
              <Plan run={run} />
            </Section>
            <Section id="alerts" title="Alerts" count={run.joined}>
              <Alerts run={run} trail={trail} />
            </Section>
          </aside>
          <div class="split-rest">
            <MoreEvidence evidence={evidence} nowMs={nowMs} />
            <Section id="decision" title="Decision">
              <Decision run={run} parts={parts} nowMs={nowMs} />
            </Section>
            <Section id="records" title="Records">
              <Records records={trail} />
            </Section>
          </div>
        </div>
      </>,
    );
  });

  return page;
}

function PlaybookStatus({
  run,
  nowMs,
}: {
  readonly run: Run & Membership;
  readonly nowMs: number;
}) {
  const why = whyOf(run);
  const untilMs = run.deadlineMs ?? run.dueAtMs;
  return (
    <p>
      Started <Ago ms={run.createdAtMs} nowMs={nowMs} />
      {run.endedAtMs !== null && (
        <>
          , ended <Ago ms={run.endedAtMs} nowMs={nowMs} />
        </>
      )}
      .{why !== null && ` ${sentence(why)}`}
      {untilMs !== null && untilMs > nowMs && (
        <>
          {' '}
          {run.deadlineMs === null ? 'Next look' : 'This state ends'}{' '}
          <Until ms={untilMs} nowMs={nowMs} />.
        </>
      )}
    </p>
  );
}

function Alerts(props: { readonly run: Run & Membership; readonly trail: readonly AuditRecord[] }) {
  const { run, trail } = props;
  const ids = alertsIn(trail);
  const links = ids.map((id, index) => (
    <li>
      <a href={`/alerts/${id}`}>Alert {index + 1}</a>
    </li>
  ));
  return (
    <>
      <LabelList labels={run.labels} />
      <p class="soft">{firing(run.openEpisodes)}</p>
      {links.length > 0 && <ul class="row bare">{links.slice(0, maxAlerts)}</ul>}
      {links.length > maxAlerts && (
        <details id="more-alerts">
          <summary>{links.length - maxAlerts} more</summary>
          <ul class="row bare">{links.slice(maxAlerts)}</ul>
        </details>
      )}
      {run.escalationId !== null && <a href={`/escalations/${run.escalationId}`}>Escalation</a>}
    </>
  );
}

/** The steps with their inputs, and what a person was shown of them. */
function Plan({ run }: { readonly run: Run }) {
  const { steps, shown, step: current, state } = run;
  return (
    <>
      {shown !== null && <p>Shown for approval: {describePreview(shown)}.</p>}
      <ol class="list">
        {steps.map(({ action, params, settleMs, repeat, undo }, index) => (
          <li>
            <div class="row">
              <b>{action}</b>
              {state !== 'ended' && index === current && <Badge tone="busy">Active</Badge>}
              <span class="soft">
                settle {formatDuration(settleMs)}
                {repeat > 1 && `, up to ${repeat} times`}
                {undo && ', undo if it does not help'}
              </span>
            </div>
            <Code label={`Inputs of step ${index + 1}`} text={JSON.stringify(params, null, 2)} />
          </li>
        ))}
      </ol>
    </>
  );
}

function Decision(props: {
  readonly run: Run;
  readonly parts: RunPageParts;
  readonly nowMs: number;
}) {
  const { run, parts, nowMs } = props;
  const { origin, labels } = run;
  if (origin.kind === 'person') {
    return (
      <p>
        {origin.by} chose it for <a href={`/escalations/${origin.escalationId}`}>this escalation</a>
        . No playbook decided.
      </p>
    );
  }
  const now = parts.active().library.playbooks.find(({ name }) => name === origin.playbook);
  if (now === undefined) return <p>The playbook {origin.playbook} is no longer loaded.</p>;
  // the run does not say where its alerts came from: it was from where its playbook takes them
  const [source = ''] = now.sources;
  const asked = { labels, annotations: {}, source };
  const compared = compareWith(parts, asked, nowMs, origin.playbook);
  return (
    <>
      {now.hash !== origin.hash && (
        <p class="notice">
          The playbook has changed since. Below is its present version; the run keeps to the version
          it started with.
        </p>
      )}
      <Clauses playbooks={compared} />
    </>
  );
}

function firing(count: number): string {
  if (count === 0) return 'None is firing.';
  return count === 1 ? '1 is firing.' : `${count} are firing.`;
}

import type { ActivePlaybooks } from '../../engine/context/context.js';
import { describeFound } from '../../escalation/describe.js';
import type { Escalation } from '../../ledger/escalation.js';
import type { Evidence } from '../../ledger/evidence.js';
import type { Membership } from '../../ledger/pages.js';
import { reasons } from '../../ledger/reason.js';
import type { Run } from '../../ledger/run.js';
import { sentence } from '../../lib/sentence.js';
import { Badge } from '../components/badge.js';
import { EvidenceSection, MoreEvidence } from '../components/evidence-section.js';
import { OutsideLink } from '../components/outside-link.js';
import { PageHead } from '../components/page-head.js';
import { Section } from '../components/section.js';
import { SeverityMark } from '../components/severity-mark.js';
import { Ago, At, Until } from '../components/time.js';
import { itemOfEscalation } from '../overview/item.js';
import { mayChange, type Visitor } from '../visit.js';
import { AlertsSection, type FiringAlerts } from './alerts-section.js';
import { AnswerForm } from './choice-button.js';
import { DecideSection } from './decide-section.js';
import { standingOfEscalation } from './escalation-words.js';
import { LessonDetails } from './lesson.js';
import { PlanSection } from './plan-section.js';

/** An escalation as its page shows it: what is known at the left, what to do at the right. */
export function EscalationDetails(props: {
  readonly escalation: Escalation & Membership;
  /** The run that it is about; `null`: it is about none. */
  readonly run: Run | null;
  /** What was found about it; `null`: nothing yet. */
  readonly evidence: Evidence | null;
  readonly alerts: FiringAlerts;
  readonly active: ActivePlaybooks;
  readonly visitor: Visitor;
  readonly nowMs: number;
}) {
  const { escalation, run, evidence, alerts, active, visitor, nowMs } = props;
  const item = itemOfEscalation(active, escalation);
  const { title, state, labels, kind } = escalation;
  const { tone, word } = standingOfEscalation(escalation);
  return (
    <>
      <PageHead title={title}>
        <SeverityMark severity={item.severity} order={active.policy.severity.order} />
        {item.word !== '' && <Badge tone={item.tone}>{item.word}</Badge>}
        {(state !== 'open' || item.word === '') && <Badge tone={tone}>{word}</Badge>}
        <span class="soft">
          <Ago ms={escalation.createdAtMs} nowMs={nowMs} />
          {state === 'open' && escalation.expiresAtMs !== null && (
            <>
              {' '}
              · expires <Until ms={escalation.expiresAtMs} nowMs={nowMs} />
            </>
          )}
          {item.service !== '' && ` · ${item.service}`}
          {item.owner !== '' && ` · owner ${item.owner}`}
        </span>
      </PageHead>
      {mayChange(visitor) && <AnswerForm visitor={visitor} />}
      <div class="split">
        <div class="split-main">
          <Summary escalation={escalation} />
          {run !== null && kind === 'approval' && <PlanSection run={run} />}
          {kind !== 'lesson' && <EvidenceSection evidence={evidence} />}
          <LessonDetails escalation={escalation} />
        </div>
        <aside class="split-side" aria-label="Decision">
          <DecideSection escalation={escalation} visitor={visitor} />
          <Misses escalation={escalation} />
          <Activity escalation={escalation} />
        </aside>
        {kind !== 'lesson' && (
          <div class="split-rest">
            <MoreEvidence evidence={evidence} nowMs={nowMs} />
            {Object.keys(labels).length > 0 && (
              <AlertsSection escalation={escalation} alerts={alerts} nowMs={nowMs} />
            )}
          </div>
        )}
      </div>
    </>
  );
}

function Summary({ escalation }: { readonly escalation: Escalation }) {
  const { annotations, detail, reason, links } = escalation;
  const summary = annotations.summary ?? annotations.description;
  const shown = ['summary', 'runbook_url', 'dashboard_url'];
  const others = Object.entries(annotations).filter(
    ([name, value]) => !shown.includes(name) && value !== summary,
  );
  return (
    <Section id="what" title="Summary">
      {summary && <p class="lines lead">{summary}</p>}
      <p class={summary ? 'lines soft' : 'lines'}>{sentence(detail || reasons[reason])}</p>
      {links.length > 0 && (
        <ul class="row bare">
          {links.map(({ text, url }) => (
            <li>
              <OutsideLink url={url}>{text}</OutsideLink>
            </li>
          ))}
        </ul>
      )}
      {others.length > 0 && (
        <dl class="facts">
          {others.map(([name, value]) => (
            <>
              <dt>{name}</dt>
              <dd class="lines">
                <OutsideLink url={value}>{value}</OutsideLink>
              </dd>
            </>
          ))}
        </dl>
      )}
    </Section>
  );
}

function Misses({ escalation: { misses } }: { readonly escalation: Escalation }) {
  if (misses.length === 0) return null;
  const others = misses.slice(nearestMisses);
  return (
    <Section id="misses" title="Why no playbook acted">
      <MissList misses={misses.slice(0, nearestMisses)} />
      {others.length > 0 && (
        <details id="other-misses">
          <summary>{others.length} more</summary>
          <MissList misses={others} />
        </details>
      )}
      <a href="/playbooks">All playbooks</a>
    </Section>
  );
}

/** How many near misses are shown unasked. */
const nearestMisses = 3;

function MissList({ misses }: Pick<Escalation, 'misses'>) {
  return (
    <dl class="misses">
      {misses.map(({ playbook, clause, expected, actual }) => (
        <div>
          <dt>
            <a href={`/playbooks/${encodeURIComponent(playbook)}`}>{playbook}</a>
          </dt>
          <dd class="soft">
            <code>{clause}</code>: expected {expected}, got {describeFound(actual)}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Activity({ escalation }: { readonly escalation: Escalation }) {
  const { createdAtMs, remindedAtMs, passedOn = [], posted, runId, channel } = escalation;
  return (
    <Section id="activity" title="Activity">
      <ol class="activity">
        <li>
          <At ms={createdAtMs} /> Opened{posted !== null && channel && `, posted to ${channel}`}
        </li>
        {passedOn.map((tier) => (
          <li>
            <At ms={tier.atMs} /> Passed on to {tier.channel ?? tier.mention.join(', ')}
          </li>
        ))}
        {remindedAtMs !== undefined && (
          <li>
            <At ms={remindedAtMs} /> Reminded
          </li>
        )}
      </ol>
      {runId !== null && <a href={`/runs/${runId}`}>Open the run</a>}
    </Section>
  );
}

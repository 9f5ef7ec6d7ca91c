import type { Labels } from '../../alertmanager/alert.js';
import { isSource } from '../../alertmanager/source.js';
import type { ActivePlaybooks } from '../../engine/context/context.js';
import { explainOffline } from '../../engine/explain/offline.js';
import { describeFound } from '../../escalation/describe.js';
import type { Compared } from '../../playbook/compare.js';
import { Badge, type Tone } from '../components/badge.js';
import { Empty } from '../components/section.js';

/** What is held against the playbooks. */
interface Asked {
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly source: string;
  readonly routeLabels?: Labels | undefined;
}

/**
 * Holds an alert against the playbooks as they are now, clause by clause, those that match first. It asks
 * nobody: targets and guards are not read.
 *
 * @param playbook only this one
 * @throws InputError where there is no such playbook.
 */
export function compareWith(
  parts: { readonly active: () => ActivePlaybooks; readonly workerAsg: string },
  { labels, annotations, source, routeLabels }: Asked,
  nowMs: number,
  playbook?: string,
): readonly Compared[] {
  const alert = {
    status: 'firing',
    labels,
    annotations,
    startsAtMs: nowMs,
    endsAtMs: null,
    generatorUrl: '',
    fingerprint: '',
    routeLabels,
    ...(isSource(source) && { source }),
  } as const;
  const options = { set: parts.active(), workerAsg: parts.workerAsg, nowMs };
  const [explanation] = explainOffline(options, { alerts: [alert], all: false, playbook });
  return explanation?.playbooks ?? [];
}

/** Playbooks with their clauses, each met or not. */
export function Clauses({ playbooks }: { readonly playbooks: readonly Compared[] }) {
  if (playbooks.length === 0) return <Empty>No playbooks are loaded.</Empty>;
  const near = playbooks.filter(({ missed }, index) => missed === 0 || index < leastShown);
  const others = playbooks.slice(near.length);
  return (
    <>
      <ClauseList playbooks={near} />
      {others.length > 0 && (
        <details id="other-playbooks">
          <summary>{others.length} more</summary>
          <ClauseList playbooks={others} />
        </details>
      )}
    </>
  );
}

/** How many playbooks are shown at once where fewer match. */
const leastShown = 3;

function ClauseList({ playbooks }: { readonly playbooks: readonly Compared[] }) {
  return (
    <ul class="list">
      {playbooks.map((compared) => (
        <li>
          <div class="row">
            <b>{compared.playbook}</b>
            <Badge tone={standings[compared.standing].tone}>
              {standings[compared.standing].word}
            </Badge>
            <span class="soft">
              {compared.mode}, {compared.file}
              {compared.after !== null && `; ${compared.after} comes first`}
            </span>
          </div>
          <ul class="clauses">
            {compared.clauses.map(({ clause, outcome, expected, actual }) => (
              <li class={marks[outcome].style}>
                <span aria-hidden="true">{marks[outcome].sign}</span>
                <span>
                  <span class="unseen">{marks[outcome].word}: </span>
                  <code>{clause}</code>{' '}
                  <span class="soft">
                    {outcome === 'met' && `it is ${actual === 'missing' ? 'not there' : actual}`}
                    {outcome === 'unknown' && actual}
                    {(outcome === 'missed' || outcome === 'failed') &&
                      `expected ${expected}, got ${describeFound(actual)}`}
                  </span>
                </span>
              </li>
            ))}
          </ul>
        </li>
      ))}
    </ul>
  );
}

type Outcome = Compared['clauses'][number]['outcome'];

const notMet = { style: 'missed', sign: '✗', word: 'not met' };
const marks: Readonly<Record<Outcome, typeof notMet>> = {
  met: { style: 'met', sign: '✓', word: 'met' },
  missed: notMet,
  failed: notMet,
  unknown: { style: 'unknown', sign: '?', word: 'not known' },
};

const standings: Readonly<
  Record<Compared['standing'], { readonly tone: Tone; readonly word: string }>
> = {
  takes: { tone: 'good', word: 'Matches' },
  shadow: { tone: 'calm', word: 'Matches, in shadow' },
  comes_late: { tone: 'calm', word: 'Too late' },
  misses: { tone: 'calm', word: 'No match' },
};

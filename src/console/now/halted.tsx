import { reasons } from '../../ledger/reason.js';
import { Badge } from '../components/badge.js';
import { Button, Form } from '../components/form.js';
import { nameOfAlert } from '../components/labels.js';
import { Empty, More, Section } from '../components/section.js';
import { Ago, Until } from '../components/time.js';
import { PauseForm, PauseItem } from '../pause/pause-form.js';
import { mayChange, type Visitor } from '../visit.js';
import type { Now } from './read-now.js';

/** What is paused, tripped or held, and until when; and what a person can do about that. */
export function Halted({ now, visitor }: { readonly now: Now; readonly visitor: Visitor }) {
  const { pauses, trip, breakers, held, nowMs } = now;
  const count = pauses.length + (trip === null ? 0 : 1) + breakers.length + held.total;
  const mayReset = mayChange(visitor);
  return (
    <Section id="halted" title="Paused and held" count={count}>
      {count === 0 && <Empty>Nothing is paused or held back.</Empty>}
      <ul class="list" hidden={count === 0}>
        {pauses.map((pause) => (
          <li>
            <PauseItem pause={pause} nowMs={nowMs} visitor={visitor} />
          </li>
        ))}
        {trip !== null && (
          <li>
            <div class="row">
              <Badge tone="bad">tripped</Badge>
              <b>Blast radius</b>
              <span class="soft">
                <Ago ms={trip.atMs} nowMs={nowMs} />
              </span>
            </div>
            <p>{trip.detail}</p>
            {mayReset && (
              <Form action="/blast-radius/reset" csrf={visitor.csrf}>
                <Button>Reset: let automatic runs begin again</Button>
              </Form>
            )}
          </li>
        )}
        {breakers.map(({ playbook, failures, openedAtMs, runId }) => (
          <li>
            <div class="row">
              <Badge tone="warn">breaker open</Badge>
              <b>{playbook}</b>
              <span class="soft">
                <Ago ms={openedAtMs} nowMs={nowMs} />
              </span>
            </div>
            <p>
              Its last {failures} runs did not help (<a href={`/runs/${runId}`}>the last one</a>),
              so that a person is asked before each.
            </p>
            {mayReset && (
              <Form action={`/breakers/${encodeURIComponent(playbook)}/reset`} csrf={visitor.csrf}>
                <Button>Reset: let it act by itself again</Button>
              </Form>
            )}
          </li>
        ))}
        {held.items.map((episode) => {
          const disposition = episode.verdicts.find(({ fate }) => fate === 'held');
          if (disposition === undefined) return null;
          const { playbook, reason, detail, untilMs } = disposition;
          return (
            <li>
              <div class="row">
                <Badge tone="warn">held</Badge>
                <a href={`/alerts/${episode.id}`}>{nameOfAlert(episode.labels)}</a>
                {untilMs !== undefined && untilMs > nowMs && (
                  <span class="soft">
                    decided again <Until ms={untilMs} nowMs={nowMs} />
                  </span>
                )}
              </div>
              <p>
                {playbook ?? 'the engine'}: {reasons[reason]}
                {detail !== '' && `: ${detail}`}
              </p>
            </li>
          );
        })}
      </ul>
      <More shown={held.items.length} total={held.total} />
      {mayReset && <PauseForm scope={null} visitor={visitor} />}
    </Section>
  );
}

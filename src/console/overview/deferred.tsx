import { reasons } from '../../ledger/reason.js';
import { Badge } from '../components/badge.js';
import { Button, Form } from '../components/form.js';
import { nameOfAlert } from '../components/labels.js';
import { Empty, More, Section } from '../components/section.js';
import { Ago, Until } from '../components/time.js';
import { PauseItem } from '../pause/pause-form.js';
import { mayChange, type Visitor } from '../visit.js';
import type { Overview } from './read-overview.js';

/** What is paused or deferred, until when, and what a person can do about it. */
export function Deferred({ now, visitor }: { readonly now: Overview; readonly visitor: Visitor }) {
  const { pauses, trip, breakers, deferred, nowMs } = now;
  const count = pauses.length + (trip === null ? 0 : 1) + breakers.length + deferred.total;
  const mayReset = mayChange(visitor);
  return (
    <Section id="deferred" title="Paused and deferred" count={count}>
      {count === 0 && <Empty>Nothing.</Empty>}
      <ul class="list compact" hidden={count === 0}>
        {pauses.map((pause) => (
          <li>
            <PauseItem pause={pause} nowMs={nowMs} visitor={visitor} />
          </li>
        ))}
        {trip !== null && (
          <li>
            <div class="row">
              <Badge tone="bad">Tripped</Badge>
              <b>Blast radius</b>
              <span class="soft">
                <Ago ms={trip.atMs} nowMs={nowMs} />
              </span>
            </div>
            <p class="soft">{trip.detail}</p>
            {mayReset && (
              <Form action="/blast-radius/reset" csrf={visitor.csrf}>
                <Button>Reset blast radius</Button>
              </Form>
            )}
          </li>
        )}
        {breakers.map(({ playbook, failures, openedAtMs, runId }) => (
          <li>
            <div class="row">
              <Badge tone="warn">Breaker open</Badge>
              <b>{playbook}</b>
              <span class="soft">
                <Ago ms={openedAtMs} nowMs={nowMs} />
              </span>
            </div>
            <p class="soft">
              Its last {failures} runs did not help (<a href={`/runs/${runId}`}>latest</a>). Each
              run requires approval.
            </p>
            {mayReset && (
              <Form action={`/breakers/${encodeURIComponent(playbook)}/reset`} csrf={visitor.csrf}>
                <Button>Reset circuit breaker</Button>
              </Form>
            )}
          </li>
        ))}
        {deferred.items.map((episode) => {
          const disposition = episode.verdicts.find(({ fate }) => fate === 'held');
          if (disposition === undefined) return null;
          const { playbook, reason, detail, untilMs } = disposition;
          return (
            <li>
              <div class="row">
                <a href={`/alerts/${episode.id}`}>{nameOfAlert(episode.labels)}</a>
                {untilMs !== undefined && untilMs > nowMs && (
                  <span class="soft">
                    retry <Until ms={untilMs} nowMs={nowMs} />
                  </span>
                )}
              </div>
              <p class="soft">
                {playbook ?? 'Jidoka'}: {reasons[reason]}
                {detail !== '' && `: ${detail}`}
              </p>
            </li>
          );
        })}
      </ul>
      <More shown={deferred.items.length} total={deferred.total} path="/history?fate=held" />
    </Section>
  );
}

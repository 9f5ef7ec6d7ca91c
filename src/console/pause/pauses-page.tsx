import { Hono } from 'hono';
import { PageHead } from '../components/page-head.js';
import { Empty, Section } from '../components/section.js';
import type { ConsoleParts } from '../parts.js';
import { showPage } from '../show.js';
import { type ConsoleEnv, mayChange } from '../visit.js';
import { PauseForm, PauseItem } from './pause-form.js';

/** `/pauses`: what is paused, and the form that pauses everything or a part. */
export function createPausesPage({
  pauses,
  clock,
}: Pick<ConsoleParts, 'pauses' | 'clock'>): Hono<ConsoleEnv> {
  const page = new Hono<ConsoleEnv>();

  page.get('/pauses', async (c) => {
    const visitor = c.get('visitor');
    const listed = await pauses.list();
    const nowMs = clock.now();
    return showPage(
      c,
      { title: 'Pauses' },
      <>
        <PageHead title="Pauses" />
        <div class="columns">
          <Section id="pauses" title="Paused" count={listed.length}>
            {listed.length === 0 && <Empty>Nothing is paused.</Empty>}
            <ul class="list" hidden={listed.length === 0}>
              {listed.map((pause) => (
                <li>
                  <PauseItem pause={pause} nowMs={nowMs} visitor={visitor} />
                </li>
              ))}
            </ul>
          </Section>
          {mayChange(visitor) && (
            <Section id="new-pause" title="Pause">
              <p class="soft">
                A pause stops new changes at once. Jidoka still receives alerts and escalates them.
              </p>
              <PauseForm scope={null} visitor={visitor} />
            </Section>
          )}
        </div>
      </>,
    );
  });

  return page;
}

import { Hono } from 'hono';
import type { ConsoleParts } from '../parts.js';
import { showPage } from '../show.js';
import type { ConsoleEnv } from '../visit.js';
import { Connections } from './connections.js';
import { Firing } from './firing.js';
import { Halted } from './halted.js';
import { type Now, readNow } from './read-now.js';
import { Running } from './running.js';
import { Waiting } from './waiting.js';

/** `/`: what is going on. */
export function createNowPage(parts: ConsoleParts): Hono<ConsoleEnv> {
  const page = new Hono<ConsoleEnv>();

  page.get('/', async (c) => {
    const now = await readNow(parts);
    const visitor = c.get('visitor');
    return showPage(
      c,
      { title: now.waiting.total === 0 ? 'Now' : `(${now.waiting.total}) Now` },
      <>
        <h1>Now</h1>
        <section id="summary">
          <p class="lead">{summaryOf(now)}</p>
        </section>
        <Waiting now={now} visitor={visitor} />
        <Running now={now} visitor={visitor} />
        <Halted now={now} visitor={visitor} />
        <Firing now={now} />
        <Connections health={now.health} />
      </>,
    );
  });

  return page;
}

/** The page in a sentence, for a person who was just woken. */
function summaryOf({ waiting, running, firing, pauses, trip, undelivered, health }: Now): string {
  const isPaused = pauses.some(({ of }) => of === 'everything');
  const broken = health.filter(({ state }) => state === 'bad').map(({ name }) => name);
  return [
    waiting.total === 0 ? 'Nothing waits for a person' : `${things(waiting.total)} for a person`,
    `; ${firing.total} ${firing.total === 1 ? 'alert fires' : 'alerts fire'}, `,
    `${running.total} ${running.total === 1 ? 'run is' : 'runs are'} under way.`,
    ...(isPaused ? [' Everything is paused.'] : []),
    ...(trip === null ? [] : [' The blast radius has tripped: nothing automatic begins.']),
    ...(undelivered === 0 ? [] : [` Slack has not taken ${undelivered} of its messages.`]),
    ...(broken.length === 0 ? [] : [` Not in order: ${broken.join(', ')}.`]),
  ].join('');
}

function things(count: number): string {
  return count === 1 ? 'One thing waits' : `${count} things wait`;
}

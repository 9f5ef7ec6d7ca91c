import { Hono } from 'hono';
import { type SSEStreamingApi, streamSSE } from 'hono/streaming';
import type { Live } from './live.js';
import type { ConsoleEnv } from './visit.js';

/** Proxies cut connections on which nothing is said for a minute. */
const heartbeatMs = 20_000;
/** How soon a browser comes again after its connection was cut. */
const retryMs = 2_000;

/**
 * `/events`: tells a page that is open that something has changed (server-sent events). It says nothing
 * else: the page then fetches itself again, with whatever its reader may see.
 */
export function createEvents({ live }: { readonly live: Live }): Hono<ConsoleEnv> {
  const events = new Hono<ConsoleEnv>();

  events.get('/events', (c) => {
    const changes = createChanges();
    const unsubscribe = live.subscribe(changes.note, changes.end);
    if (unsubscribe === null) {
      return c.text('too many pages are open: this one is not told of changes', 503);
    }
    // nginx would gather what is meant to come at once
    c.header('x-accel-buffering', 'no');
    return streamSSE(c, async (stream) => {
      stream.onAbort(changes.end);
      try {
        await tell(stream, changes);
      } finally {
        unsubscribe();
      }
    });
  });

  return events;
}

async function tell(stream: SSEStreamingApi, changes: Changes): Promise<void> {
  await stream.writeSSE({ event: 'hello', data: '', retry: retryMs });
  for (;;) {
    switch (await changes.next(heartbeatMs)) {
      case 'ended':
        return;
      case 'changed':
        await stream.writeSSE({ event: 'changed', data: '' });
        break;
      case 'nothing':
        await stream.write(': still here\n\n');
    }
  }
}

type Changes = ReturnType<typeof createChanges>;

/** Keeps whether something has changed until it is asked. */
function createChanges() {
  let hasChanged = false;
  let hasEnded = false;
  let rouse = () => {};

  return {
    note() {
      hasChanged = true;
      rouse();
    },
    end() {
      hasEnded = true;
      rouse();
    },
    async next(withinMs: number): Promise<'changed' | 'ended' | 'nothing'> {
      if (!hasChanged && !hasEnded) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, withinMs);
          rouse = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      if (hasEnded) return 'ended';
      if (!hasChanged) return 'nothing';
      hasChanged = false;
      return 'changed';
    },
  };
}

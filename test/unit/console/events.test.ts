import { expect, test } from 'vitest';
import { createFakeConsole } from './fake-console.js';

test('a browser is told that something has changed, and what has not been said is not kept', async () => {
  let wake = () => {};
  let stop = () => {};
  const live = {
    subscribe: (onChange: () => void, onStop: () => void) => {
      wake = onChange;
      stop = onStop;
      return () => {};
    },
    stop: () => {},
  };
  const { app } = createFakeConsole({ live });
  const answer = await app.request('/events', { headers: { host: 'localhost' } });
  expect(answer.headers.get('content-type')).toContain('text/event-stream');
  const reader = (answer.body ?? new ReadableStream()).getReader();
  const read = async () => new TextDecoder().decode((await reader.read()).value);
  expect(await read()).toContain('event: hello');
  wake();
  wake();
  expect(await read()).toContain('event: changed');
  stop();
  expect((await reader.read()).done).toBe(true);
});

test('a browser that is one too many is told to come again later', async () => {
  const { call } = createFakeConsole({ live: { subscribe: () => null, stop: () => {} } });
  expect((await call('/events')).status).toBe(503);
});

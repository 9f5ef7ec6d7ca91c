import type { IncomingMessage, Server } from 'node:http';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { listen } from '../../../src/app/listen.js';

test('connections that cannot be accepted are told, and end nothing', async () => {
  const logged: string[] = [];
  const log = pino({}, { write: (line: string) => logged.push(line) });
  const { url, close } = await listen(
    (incoming, outgoing) => {
      serverOf(incoming).emit('error', new Error('accept ENOMEM'));
      outgoing.end('answered');
    },
    { port: 0, listen: '127.0.0.1' },
    log,
  );
  onTestFinished(close);
  for (let index = 0; index < 3; index += 1) {
    const answer = await fetch(url, { headers: { connection: 'close' } });
    expect(await answer.text()).toBe('answered');
  }
  expect(logged).toHaveLength(3);
  expect(logged[0]).toMatch(/accept ENOMEM.*connection not accepted/);
});

test('a port that is taken is an error', async () => {
  const log = pino({ enabled: false });
  const first = await listen(() => {}, { port: 0, listen: '127.0.0.1' }, log);
  onTestFinished(first.close);
  const port = Number(new URL(first.url).port);
  await expect(listen(() => {}, { port, listen: '127.0.0.1' }, log)).rejects.toThrow('EADDRINUSE');
});

function serverOf({ socket }: IncomingMessage): Server {
  return (socket as unknown as { readonly server: Server }).server;
}

import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createSwarm } from '../../../../src/integrations/swarm/client.js';

const maxAnswerBytes = 100_000;
const version = { ApiVersion: '1.41', Version: '20.10' };

/** An engine whose answers go on until nobody reads them any more, and how much of each was sent. */
async function startTalker({ status = 200, announced = false } = {}) {
  let sent = 0;
  function talk(answer: ServerResponse): void {
    if (answer.destroyed) return;
    sent += 10_000;
    if (answer.write('x'.repeat(10_000))) setImmediate(talk, answer);
    else answer.once('drain', () => talk(answer));
  }
  const server = createServer((request, answer) => {
    request.resume();
    if (request.url?.endsWith('/version')) return answer.end(JSON.stringify(version));
    answer.writeHead(status, announced ? { 'content-length': 10 ** 12 } : {});
    talk(answer);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const dockerHost = `tcp://127.0.0.1:${port}`;
  const swarm = createSwarm({ dockerHost, timeoutMs: 10_000, maxAnswerBytes, env: {} });
  return { swarm, sent: () => sent };
}

test.each([
  ['without a length', {}],
  ['with a length', { announced: true }],
  ['as an error', { status: 500 }],
])('an answer of the engine without end is broken off, %s', async (_, talker) => {
  const { swarm, sent } = await startTalker(talker);
  for (const call of [
    () => swarm.services(),
    () => swarm.service('web'),
    () => swarm.servicesShort(),
    () => swarm.tasks('s1'),
  ]) {
    await expect(call()).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('longer than 100000 bytes'),
    });
  }
  // what the two ends of a connection hold, and no more
  expect(sent()).toBeLessThan(4 * 10_000_000);
});

test('a change whose answer is broken off may have been made', async () => {
  const { swarm } = await startTalker();
  const service = { id: 's1', name: 'web', version: '1', mode: 'replicated', specText: '{}' };
  const change = swarm.scale(
    { ...service, specText: '{"Mode":{"Replicated":{"Replicas":1}}}' } as never,
    2,
  );
  await expect(change).rejects.toMatchObject({ kind: 'unknown' });
});

test('events may go on for as long as they like', async () => {
  const event = `${JSON.stringify({ Type: 'service', Actor: { ID: 's1' } })}\n`;
  const server = createServer((request, answer) => {
    if (request.url?.endsWith('/version')) return answer.end(JSON.stringify(version));
    answer.write(event.repeat(Math.ceil((3 * maxAnswerBytes) / event.length)));
    answer.end(event);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const dockerHost = `tcp://127.0.0.1:${port}`;
  const swarm = createSwarm({ dockerHost, timeoutMs: 10_000, maxAnswerBytes, env: {} });
  let heard = 0;
  const { ended } = await swarm.listen(
    { onService: () => heard++, onNode: () => {} },
    new AbortController().signal,
  );
  await ended;
  expect(heard * event.length).toBeGreaterThan(3 * maxAnswerBytes);
});

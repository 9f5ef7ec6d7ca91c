import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createSwarm, type Swarm } from '../../../../src/integrations/swarm/client.js';

const timeoutMs = 5000;
/** For calls that are to run out of time. */
const shortMs = 500;

describe('the Swarm client in front of something else', () => {
  let server: Server | undefined;

  async function swarmAt(listener: RequestListener, timeLimitMs = timeoutMs): Promise<Swarm> {
    server = createServer(listener);
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return createSwarm({ dockerHost: `tcp://127.0.0.1:${port}`, timeoutMs: timeLimitMs });
  }

  const version = JSON.stringify({ Version: '28.0.0', ApiVersion: '1.48' });

  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
    server = undefined;
  });

  it('needs no engine before it is asked something', async () => {
    const swarm = createSwarm({ dockerHost: 'unix:///nowhere/docker.sock', timeoutMs });
    await expect(swarm.check()).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(swarm.check()).rejects.toThrow(
      /unix:\/\/\/nowhere\/docker\.sock.*no such file.*DOCKER_HOST/,
    );
  });

  it('reports a DOCKER_HOST that it cannot use when it is asked something', async () => {
    const swarm = createSwarm({ dockerHost: 'ssh://manager', timeoutMs });
    await expect(swarm.check()).rejects.toMatchObject({ name: 'TargetError', kind: 'invalid' });
  });

  it('goes where it was told, whatever DOCKER_HOST says', async () => {
    const swarm = await swarmAt((_, response) => response.end(version));
    const before = process.env.DOCKER_HOST;
    process.env.DOCKER_HOST = 'tcp://127.0.0.1:1';
    try {
      await expect(swarm.check()).resolves.toMatchObject({ engineVersion: '28.0.0' });
      const socket = createSwarm({ dockerHost: 'unix:///nowhere/docker.sock', timeoutMs });
      await expect(socket.check()).rejects.toThrow(/no such file.*\/nowhere\/docker\.sock/);
    } finally {
      if (before === undefined) delete process.env.DOCKER_HOST;
      else process.env.DOCKER_HOST = before;
    }
  });

  it('speaks the newest version that the engine offers', async () => {
    const paths: (string | undefined)[] = [];
    const swarm = await swarmAt((request, response) => {
      paths.push(request.url?.split('?')[0]);
      response.end(request.url === '/version' ? version : '[]');
    });
    await swarm.check();
    expect(paths).toEqual(['/version', '/v1.48/services']);
  });

  it('asks for the version again when the engine no longer takes the one it offered', async () => {
    let offered = '1.48';
    const swarm = await swarmAt((request, response) => {
      if (request.url === '/version') {
        return response.end(JSON.stringify({ Version: 'x', ApiVersion: offered }));
      }
      if (request.url?.startsWith(`/v${offered}/`)) return response.end('[]');
      response.writeHead(400).end('{"message":"client version 1.48 is too old"}');
      return undefined;
    });
    await swarm.tasks('a');
    offered = '1.50';
    await expect(swarm.tasks('a')).rejects.toMatchObject({ kind: 'invalid' });
    await expect(swarm.tasks('a')).resolves.toMatchObject({ running: 0 });
  });

  it.each([
    ['an engine that is too old', '{"Version":"19.03","ApiVersion":"1.40"}', 'invalid'],
    ['a page that is no engine', '<html>hello</html>', 'unavailable'],
    ['JSON that is no engine', '{}', 'unavailable'],
  ])('refuses %s', async (_, body, kind) => {
    const swarm = await swarmAt((_request, response) => response.end(body));
    await expect(swarm.check()).rejects.toMatchObject({ kind });
  });

  it.each([
    ['no JSON', '<html>'],
    ['nothing', ''],
    [
      'no replicas',
      '{"ID":"a","Version":{"Index":1},"Spec":{"Name":"a","Mode":{"Replicated":{}}}}',
    ],
    ['no mode', '{"ID":"a","Version":{"Index":1},"Spec":{"Name":"a","Mode":{}}}'],
    ['no version', '{"ID":"a","Spec":{"Name":"a","Mode":{"Global":{}}}}'],
  ])('takes an answer with %s for a failure, never for a zero', async (_, body) => {
    const swarm = await swarmAt((request, response) =>
      response.end(request.url === '/version' ? version : body),
    );
    await expect(swarm.service('a')).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(swarm.tasks('a')).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('gives up on an answer that breaks off or dries up', async () => {
    const swarm = await swarmAt((request, response) => {
      if (request.url === '/version') return response.end(version);
      response.writeHead(200, { 'content-length': '1000' });
      response.write('[');
      if (request.url?.includes('tasks')) setTimeout(() => response.destroy(), 20);
      return undefined;
    }, shortMs);
    await expect(swarm.tasks('a')).rejects.toMatchObject({ kind: 'unavailable' });
    await expect(swarm.service('a')).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('does not know what came of an update whose connection broke', async () => {
    const swarm = await swarmAt((request, response) => {
      if (request.url === '/version') return response.end(version);
      return request.socket.destroy();
    });
    const service = {
      ...{ id: 'a', name: 'a', version: 1, mode: 'replicated' as const, replicas: 1 },
      ...{
        labels: {},
        containerLabels: {},
        updateState: undefined,
        forceUpdate: 0,
        previousSpec: undefined,
      },
      spec: { Name: 'a' },
      specText: '{"Name":"a","Mode":{"Replicated":{"Replicas":1}}}',
      previousSpecText: undefined,
    };
    await expect(swarm.scale(service, 2)).rejects.toMatchObject({ kind: 'unknown' });
  });
});

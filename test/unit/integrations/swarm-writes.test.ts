import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createSwarm, type Swarm } from '../../../src/integrations/swarm/client.js';
import { createSwarmNodes } from '../../../src/integrations/swarm/nodes.js';
import { createSwarmRollback } from '../../../src/integrations/swarm/rollback.js';
import { type HttpServer, startHttpServer } from '../../support/http-server.js';

const timeoutMs = 5_000;
const none = { min: undefined, max: undefined };

/** A specification as an engine may write it: numbers that JavaScript rounds, and texts that it writes otherwise. */
function specText({ replicas = '1', forceUpdate = '0', core = '9007199254740993' } = {}): string {
  return `{"Name":"web","Labels":{"2":"b","10":"a","__proto__":"x","html":"\\u003cb\\u003e \\u0026 \\u2028"},"TaskTemplate":{"ContainerSpec":{"Image":"web:1","Ulimits":[{"Name":"core","Hard":9223372036854775807,"Soft":${core}}],"StopGracePeriod":9007199254740993,"Sysctls":{}},"Resources":{"Limits":{"MemoryBytes":9223372036854775807,"NanoCPUs":9007199254740995}},"Placement":{},"ForceUpdate":${forceUpdate},"Runtime":"container"},"Mode":{"Replicated":{"Replicas":${replicas}}},"UpdateConfig":{"Parallelism":18446744073709551615,"MaxFailureRatio":1.0e-1,"Order":"stop-first"}}`;
}

const nodeText =
  '{"Name":"n","Labels":{"10":"a","2":"\\u003c"},"Role":"worker","Availability":"active","Odd":9007199254740993}';

describe('what is written to Docker', () => {
  let server: HttpServer;
  let swarm: Swarm;
  let spec: string;
  let previous: string | undefined;
  let nodeVersion: number;

  const where = () => ({ dockerHost: server.origin.replace('http:', 'tcp:'), timeoutMs });
  const posted = () => server.requests.filter(({ method }) => method === 'POST');

  beforeEach(async () => {
    server = await startHttpServer();
    swarm = createSwarm(where());
    [spec, previous, nodeVersion] = [specText(), undefined, 4];
    server.answer = ({ method, path }, reply) => {
      const at = path.replace('/v1.44', '');
      const node = `{"ID":"n1","Version":{"Index":${nodeVersion}},"CreatedAt":"2026-01-01T00:00:00Z","UpdatedAt":"2026-01-01T00:00:00Z","Spec":${nodeText},"Description":{"Hostname":"n"},"Status":{"State":"ready"}}`;
      if (at === '/version') return reply(200, '{"Version":"28.0.0","ApiVersion":"1.44"}');
      if (method === 'POST') return reply(200, '{"Warnings":null}\n');
      if (at === '/nodes') return reply(200, `[${node}]`);
      if (at === '/nodes/n1') return reply(200, node);
      const before =
        previous === undefined
          ? ''
          : `,"PreviousSpec":${previous},"UpdateStatus":{"State":"paused"}`;
      return reply(200, `{"ID":"s1","Version":{"Index":9},"Spec":${spec}${before}}\n`);
    };
  });

  afterEach(() => server.stop());

  it('is the specification byte for byte, with other replicas', async () => {
    await swarm.scale(await swarm.service('web'), 2);
    const [update] = posted();
    expect(update?.body).toBe(specText({ replicas: '2' }));
    expect(update?.path).toBe('/v1.44/services/s1/update?version=9');
    expect(update?.headers).toMatchObject({
      'content-type': 'application/json',
      connection: 'close',
    });
  });

  it('is the same for a restart, with another counter of forced updates', async () => {
    await swarm.restart(await swarm.service('web'), 1);
    expect(posted()[0]?.body).toBe(specText({ forceUpdate: '1' }));
  });

  it('is the same for a rollback, with nothing changed', async () => {
    await swarm.rollback(await swarm.service('web'));
    expect(posted()[0]?.body).toBe(specText());
    expect(posted()[0]?.path).toBe('/v1.44/services/s1/update?version=9&rollback=previous');
  });

  it('is the same for a node, with another availability', async () => {
    const nodes = createSwarmNodes(where());
    await nodes.setAvailability(await nodes.node('n'), 'drain');
    expect(posted()[0]?.body).toBe(nodeText.replace('"active"', '"drain"'));
    expect(posted()[0]?.path).toBe('/v1.44/nodes/n1/update?version=4');
  });

  it('is nothing where the node has changed since it was read', async () => {
    const nodes = createSwarmNodes(where());
    const node = await nodes.node('n');
    nodeVersion = 5;
    await expect(nodes.setAvailability(node, 'drain')).rejects.toMatchObject({ kind: 'stale' });
    expect(posted()).toEqual([]);
  });

  it('takes back a rollout that differs in the last digit of a number only', async () => {
    [spec, previous] = [
      specText({ core: '9007199254740993' }),
      specText({ core: '9007199254740992' }),
    ];
    const action = createSwarmRollback({ swarm });
    const plan = async () =>
      action.plan({ service: 'web' }, await action.observe({ service: 'web' }), none);
    expect(await plan()).toMatchObject({ kind: 'change' });
    previous = specText({ core: '9007199254740993', forceUpdate: '3' });
    expect(await plan()).toMatchObject({ kind: 'refused' });
  });
});

import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { Change } from '../../../../src/integrations/contract/change.js';
import { TargetError } from '../../../../src/integrations/contract/target-error.js';
import { createSwarm } from '../../../../src/integrations/swarm/client.js';
import { createSwarmJob } from '../../../../src/integrations/swarm/job.js';
import { createSwarmJobs } from '../../../../src/integrations/swarm/jobs.js';
import { createSwarmNodes } from '../../../../src/integrations/swarm/nodes.js';
import { createSwarmSim } from '../../../../src/sim/swarm.js';
import { untilPasses } from '../../../support/eventually.js';
import { jobOf } from '../../../support/job.js';

/* A Docker that takes the request that starts a job, and does not answer. */

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

/** A simulated Swarm, whose requests that start a service wait until they are let through. */
async function start() {
  const swarm = createSwarmSim();
  await swarm.start();
  undo.push(swarm.stop);
  const held: (() => void)[] = [];
  let isHeld = true;
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const { method, headers, url = '' } = incoming;
    const forward = () => {
      const onward = request(`${swarm.url()}${url}`, { method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      });
      onward.end(Buffer.concat(chunks));
    };
    if (isHeld && url.includes('/services/create')) held.push(forward);
    else forward();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  undo.push(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });
  const { port } = server.address() as AddressInfo;
  const options = { dockerHost: `tcp://127.0.0.1:${port}`, timeoutMs: 1_000 };
  const jobs = createSwarmJobs({ ...options, dockerConfig: '/nowhere' });
  const nodes = createSwarmNodes(options);
  const action = createSwarmJob({ jobs, nodes, swarm: createSwarm(options) });
  const definition = jobOf('clean', {
    image: `busybox@sha256:${'0'.repeat(64)}`,
    command: ['sh', '-c', 'exit 3'],
    time_limit: '1m',
  });
  const params = { job: 'clean', with: {}, definition };
  const context = { params, key: 'run-1' };
  const none = { min: undefined, max: undefined };
  const change = action.plan(params, await action.observe(params), none) as Change;
  return {
    swarm,
    held,
    apply: () => action.apply(change, { ...context, answered: () => undefined }),
    verify: () => action.verify(change, context),
    clear: () => action.clear?.(change, context),
    /** Lets through what waits, and all that comes. */
    release() {
      isHeld = false;
      for (const forward of held) forward();
    },
  };
}

test('a job whose start gets no answer may have started, and is found by its name later', async () => {
  const { swarm, apply, verify, release } = await start();
  const error = await apply().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(TargetError);
  expect(error).toMatchObject({
    kind: 'unknown',
    message: expect.stringMatching(/starting job clean/),
  });
  expect(await verify()).toMatchObject({ kind: 'differs', observed: 'absent' });
  release();
  await untilPasses(async () => {
    expect(await verify()).toMatchObject({ kind: 'failed', execution: { exitCode: 3 } });
  });
  expect(swarm.created).toEqual(['jidoka-run-1']);
});

test('a start that arrives after it was tried again makes no second service', async () => {
  const { swarm, held, apply, release, clear } = await start();
  await expect(apply()).rejects.toThrow(TargetError);
  await expect(apply()).rejects.toThrow(TargetError);
  expect(held).toHaveLength(2);
  release();
  await apply();
  await untilPasses(async () => {
    const creates = swarm.requests.filter((one) => one.includes('/services/create'));
    expect(creates).toHaveLength(3);
  });
  expect(swarm.created).toEqual(['jidoka-run-1']);
  await clear();
  expect(swarm.services()).toEqual([]);
});

import { expect, test } from 'vitest';
import { createTargetFit } from '../../../../src/engine/reading/target-fit.js';
import type { AutoScalingGroup } from '../../../../src/integrations/aws/auto-scaling-answer.js';
import { groupList } from '../../../../src/integrations/aws/connect.js';
import { TargetError } from '../../../../src/integrations/contract/target-error.js';
import type { SwarmService } from '../../../../src/integrations/swarm/answer.js';
import { swarmLists } from '../../../../src/integrations/swarm/connect.js';
import type { SwarmNode } from '../../../../src/integrations/swarm/node-answer.js';

const away = new TargetError('unavailable', 'the Swarm does not answer');
const hangs = () => new Promise<never>(() => {});

interface Changes {
  readonly services?: () => Promise<readonly SwarmService[]>;
  readonly nodes?: () => Promise<readonly SwarmNode[]>;
  readonly group?: ((name: string) => Promise<AutoScalingGroup>) | null;
}

/** Looks a name up among a service, a node and two groups. */
function look(name: string, changes: Changes = {}) {
  const services = async () => [{ id: 's1', name: 'shop_web' }] as SwarmService[];
  const nodes = async () => [{ id: 'n1', name: 'worker-1' }] as SwarmNode[];
  const group = async (wanted: string) => {
    if (wanted === 'workers' || wanted === 'batch') return { name: wanted } as AutoScalingGroup;
    throw new TargetError('not_found', 'there is no such group');
  };
  const swarm = swarmLists({
    swarm: { services: changes.services ?? services },
    nodes: { nodes: changes.nodes ?? nodes },
  });
  const aws =
    changes.group === null
      ? groupList(undefined, '')
      : groupList({ group: changes.group ?? group }, 'workers');
  return createTargetFit({ lists: [...swarm, aws], timeoutMs: 50 })(name);
}

test.each([
  ...['shop_web', 's1', 'swarm.service/s1', 'worker-1', 'n1', 'swarm.node/n1'],
  ...['workers', 'asg/workers', 'batch', 'asg/batch'],
])('%s fits', async (name) => {
  expect(await look(name)).toEqual({ fits: true, nearest: null, detail: '' });
});

test.each([
  ['nope', null],
  ['shop_wbe', 'shop_web'],
  ['worker-2', 'worker-1'],
  ['wokers', 'workers'],
  ['swarm.service/s2', null],
  ['asg/none', null],
  ['*', null],
])('%s does not fit', async (name, nearest) => {
  expect(await look(name)).toEqual({ fits: false, nearest, detail: '' });
});

test('groups are not asked for where there is no region', async () => {
  expect(await look('nope', { group: null })).toMatchObject({ fits: false });
});

test.each([
  ['services', { services: () => Promise.reject(away) }, away.message],
  ['nodes', { nodes: () => Promise.reject(away) }, away.message],
  ['groups', { group: () => Promise.reject(away) }, away.message],
  ['services, which hang', { services: hangs }, 'no answer within 50 ms'],
])('what cannot be read leaves it open: %s', async (_, changes, detail) => {
  expect(await look('nope', changes)).toEqual({ fits: null, nearest: null, detail });
});

test('what can be read is enough for a name that fits', async () => {
  expect(await look('worker-1', { services: hangs })).toMatchObject({ fits: true });
  expect(await look('worker-2', { services: hangs })).toMatchObject({
    fits: null,
    nearest: 'worker-1',
  });
});

test.each([
  'POST https://ci.example/job',
  'http/POST https://ci.example/job',
  'the services labelled com.df.reschedule=true',
  'swarm.services/com.df.reschedule=true',
  'asg.instance/workers/i-0123456789abcdef0',
  'i-0123456789abcdef0',
])('of what is not listed it stays open: %s', async (name) => {
  expect(await look(name)).toMatchObject({
    fits: null,
    detail: expect.stringMatching(/cannot list/),
  });
});

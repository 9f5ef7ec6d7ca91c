import { expect, test } from 'vitest';
import { parseMatchers } from '../../../src/alertmanager/matcher.js';
import { suggestJob } from '../../../src/escalation/suggest-job.js';
import type { AnyAction } from '../../../src/integrations/contract/action.js';
import { createSwarmJob } from '../../../src/integrations/swarm/job.js';
import { nodeAmong } from '../../../src/integrations/swarm/node-reference.js';
import { createSimulatedJobs } from '../../../src/integrations/swarm/simulated-jobs.js';
import { compileMapping, compileTemplate } from '../../../src/playbook/expression.js';
import { jobOf } from '../../support/job.js';
import { swarmOf } from '../../support/swarm-of.js';
import { createManualClock } from '../sim/manual-clock.js';

const node = {
  id: 'id-3',
  name: 'node-3',
  version: 1,
  role: 'worker',
  address: '',
  state: 'ready',
};
const nodes = [{ ...node, availability: 'active', labels: {}, engineLabels: {} }];

/** What an alert with this instance is offered. */
async function suggest(instance: string, declared: object = {}) {
  const job = jobOf('clean-disk', {
    image: 'alpine:3.22',
    command: ['/clean'],
    time_limit: '5m',
    inputs: { node: { type: 'node' }, days: { type: 'number', min: 1, max: 9, default: 3 } },
    ...declared,
  });
  const action = createSwarmJob({
    jobs: createSimulatedJobs({
      given: {
        find: () => ({ takes: 1, exits: 0, prints: '', replies: 'runs' }) as never,
        names: () => [],
      },
      clock: createManualClock(0),
      onEffect: () => undefined,
    }),
    swarm: swarmOf({}),
    nodes: {
      nodes: async () => nodes as never,
      node: async (wanted) => nodeAmong(nodes as never, wanted),
    },
  }) as unknown as AnyAction;
  const offered = {
    job,
    match: parseMatchers('alertname = "A"'),
    with: compileMapping({ node: compileTemplate('${{ labels.instance }}') }),
  };
  const input = { labels: { alertname: 'A', instance }, annotations: {}, worker_asg: '' };
  const bounds = { min: undefined, max: undefined };
  return suggestJob(offered, new Map([[action.name, action]]), input, bounds);
}

test('the button says where the job runs, and runs exactly that', async () => {
  const { choices, notes } = await suggest('node-3:9100');
  expect(notes).toEqual([]);
  expect(choices).toMatchObject([
    {
      id: 'job-clean-disk',
      label: 'Run clean-disk on node-3',
      does: {
        kind: 'act',
        action: 'swarm.job',
        params: { job: 'clean-disk', with: { node: 'node-3:9100', days: 3 } },
        target: { id: 'swarm.node/id-3' },
        locks: expect.any(Array),
      },
    },
  ]);
});

test.each([
  ['a node that is not there', 'node-9', {}],
  [
    'a value that does not fit its input',
    'node-3',
    { inputs: { node: { type: 'string', values: ['a'] } } },
  ],
  ['a value that breaks out', 'node-3\n$(reboot)', {}],
])('%s gets no button, and a note why', async (_, instance, declared) => {
  const { choices, notes } = await suggest(instance, declared);
  expect(choices).toEqual([]);
  expect(notes).toEqual([expect.stringMatching(/^Not suggested: clean-disk: ./)]);
});

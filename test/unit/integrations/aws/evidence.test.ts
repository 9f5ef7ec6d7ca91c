import { expect, test } from 'vitest';
import { createAutoScaling } from '../../../../src/integrations/aws/auto-scaling.js';
import { createAwsEvidence } from '../../../../src/integrations/aws/evidence.js';
import type { GroupActivity } from '../../../../src/integrations/contract/evidence.js';
import { createAutoScalingSim } from '../../../../src/sim/auto-scaling.js';

function startEvidence(activities: readonly GroupActivity[] = []) {
  const asked: string[] = [];
  const autoScaling = {
    async activities(name: string) {
      asked.push(name);
      return activities;
    },
  };
  return { asked, evidence: createAwsEvidence({ autoScaling, workerAsg: 'workers' }) };
}

test('the group of the run is what the alert is about, and no service is', async () => {
  const { evidence } = startEvidence();
  const group = { id: 'asg/batch', name: 'batch' };
  const service = { id: 'swarm.service/s1', name: 'web' };
  expect(await evidence.targets({ labels: {}, targets: [service, group] })).toEqual([group]);
});

test('without a run it is the group for which a change would be suggested', async () => {
  const { evidence } = startEvidence();
  const labels = { alertname: 'Full', service: 'CLUSTER', scale: 'up', type: 'node' };
  const found = await evidence.targets({ labels, targets: [] });
  expect(found).toEqual([{ id: 'asg/workers', name: 'workers' }]);
  expect(await evidence.targets({ labels: { alertname: 'Slow' }, targets: [] })).toEqual([]);
});

test('the newest five activities are shown', async () => {
  const activities = Array.from({ length: 8 }, (_, index) => ({
    ...{ atMs: 1_000 - index, status: 'Successful', description: `no. ${index}`, message: '' },
  }));
  const { evidence, asked } = startEvidence(activities);
  expect(await evidence.activities?.({ id: 'asg/batch', name: 'batch' })).toEqual(
    activities.slice(0, 5),
  );
  expect(asked).toEqual(['batch']);
});

test('a launch that AWS could not make says why, in the words of AWS', async () => {
  const sim = createAutoScalingSim();
  await sim.start();
  try {
    sim.addGroup({ name: 'workers', min: 1, max: 6, desired: 2 });
    const autoScaling = createAutoScaling({
      ...{ timeoutMs: 5_000, region: 'eu-central-1', endpoint: sim.url() },
      credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
    });
    const evidence = createAwsEvidence({ autoScaling, workerAsg: '' });
    const launchFailure = 'We currently do not have sufficient capacity in eu-central-1a.';
    sim.changeGroup('workers', { launchFailure, desired: 3 });
    const activities = await evidence.activities?.({ id: 'asg/workers', name: 'workers' });
    expect(activities?.[0]).toEqual({
      atMs: expect.any(Number),
      status: 'Failed',
      description: expect.stringContaining('Launching a new EC2 instance'),
      message: launchFailure,
    });
  } finally {
    await sim.stop();
  }
});

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { examineAws } from '../../src/cli/doctor/aws.js';
import { examineSwarm } from '../../src/cli/doctor/swarm.js';
import { createAutoScalingSim } from '../../src/sim/auto-scaling.js';
import { createSwarmSim } from '../../src/sim/swarm.js';
import { lines, type Startable, startSim } from '../support/findings.js';
import { startService } from '../support/parts/docker.js';
import { usePart } from '../support/parts.js';

/* What the doctor sees of Swarm and of Auto Scaling. */

const timeoutMs = 3_000;
const undo: (() => Promise<unknown>)[] = [];

const started = <Sim extends Startable>(sim: Sim) => startSim(sim, undo);

afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

describe('Swarm', () => {
  const look = async (dockerHost: string, min?: number) =>
    lines(await examineSwarm({ dockerHost, bounds: { min, max: undefined }, timeoutMs, env: {} }));

  test('a real one is looked at, and services with half a bound are named', async () => {
    const labels = { 'com.df.scaleMin': '1' };
    const half = await startService({ name: 'doctor-half', replicas: 1, labels });
    undo.push(() => half.remove());
    const findings = await look(usePart('docker').dockerHost);
    expect(findings[0]).toMatch(/^ok: Docker \S+ \(API 1\.\d+\), a manager with a leader, at /);
    expect(findings[1]).toMatch(/^ok: \d+ services can be listed/);
    expect(findings.join('\n')).toMatch(
      new RegExp(`warning: with one bound only: .*${half.name} \\(no ceiling\\)`),
    );
  });

  test('labels that cannot be read and bounds that cross are wrong; the policy fills in', async () => {
    const swarm = await started(createSwarmSim());
    const service = (name: string, labels: Record<string, string>) =>
      swarm.addService({ name, replicas: 1, labels });
    service('odd', { 'com.df.scaleMin': 'two', 'com.df.scaleMax': '5' });
    service('crossed', { 'com.df.scaleMin': '6', 'com.df.scaleMax': '5' });
    service('fine', { 'com.df.scaleMin': '1', 'com.df.scaleMax': '5' });
    service('open', { 'com.df.scaleMax': '5' });
    service('kept', { 'com.df.scaleMin': 'two', 'jidoka.enable': 'false' });
    service('plain', {});
    expect((await look(swarm.dockerHost())).slice(1)).toEqual([
      'ok: 6 services can be listed; 1 have a floor and a ceiling',
      'wrong: service odd: label com.df.scaleMin is "two"; expected a whole number of at least 0',
      'wrong: service crossed: label com.df.scaleMin (6) is above label com.df.scaleMax (5)',
      'warning: with one bound only: open (no floor)',
    ]);
    expect((await look(swarm.dockerHost(), 1)).join('\n')).not.toContain('open');
    expect(swarm.requests.every((request) => request.startsWith('GET '))).toBe(true);
  });

  test('a worker, and a Swarm without a leader, are wrong', async () => {
    const swarm = await started(createSwarmSim());
    swarm.become('worker');
    expect(await look(swarm.dockerHost())).toEqual([
      expect.stringMatching(/^wrong: .*not a swarm manager/),
    ]);
    swarm.become('leaderless');
    expect(await look(swarm.dockerHost())).toEqual([
      expect.stringMatching(/^wrong: .*does not have a leader/),
    ]);
  });
});

describe('AWS', () => {
  const before = { ...process.env };

  beforeEach(() => {
    process.env.AWS_ACCESS_KEY_ID = 'AKIATEST';
    process.env.AWS_SECRET_ACCESS_KEY = 'hunter2';
  });

  afterEach(() => {
    process.env = { ...before };
  });

  async function look(workerAsg: string, endpoint: string) {
    const findings = await examineAws({ region: 'eu-west-1', endpoint, workerAsg, timeoutMs });
    expect(JSON.stringify(findings)).not.toContain('hunter2');
    return findings;
  }

  test('a group that can be resized is described, and nothing is changed', async () => {
    const sim = await started(createAutoScalingSim());
    sim.addGroup({ name: 'workers', min: 1, max: 4, desired: 2 });
    expect(lines(await look('workers', sim.url()))).toEqual([
      'ok: Auto Scaling in eu-west-1: credentials found, groups may be read',
      'ok: group workers: 2 wanted, 2 in service, bounds 1 to 4',
      expect.stringMatching(/^note: autoscaling:SetDesiredCapacity was not tried/),
    ]);
    expect(sim.calls.every((action) => action.startsWith('Describe'))).toBe(true);
  });

  test('suspended processes, a refresh and a group that is not there are named', async () => {
    const sim = await started(createAutoScalingSim());
    const suspended = ['Launch', 'AZRebalance'];
    sim.addGroup({
      name: 'held',
      min: 1,
      max: 4,
      desired: 2,
      suspended,
      instanceRefresh: 'Pending',
    });
    const held = lines(await look('held', sim.url())).join('\n');
    expect(held).toContain('warning: group held has suspended Launch\n');
    expect(held).toContain('note: an instance refresh of held is at work');
    expect(lines(await look('nobody', sim.url()))).toContain(
      'wrong: Auto Scaling: there is no group named "nobody"',
    );
  });

  test('a permission that is missing is named, with what to allow', async () => {
    const sim = await started(createAutoScalingSim());
    sim.addGroup({ name: 'workers', min: 1, max: 4, desired: 2 });
    sim.deny('DescribeInstanceRefreshes');
    expect(await look('workers', sim.url())).toContainEqual(
      expect.objectContaining({
        level: 'wrong',
        text: expect.stringContaining(
          'not authorized to perform: autoscaling:DescribeInstanceRefreshes',
        ),
        mend: 'allow autoscaling:DescribeInstanceRefreshes on * in a policy of these credentials',
      }),
    );
    sim.deny('DescribeAutoScalingGroups');
    expect(await look('workers', sim.url())).toMatchObject([
      {
        level: 'wrong',
        mend: expect.stringContaining('allow autoscaling:DescribeAutoScalingGroups'),
      },
    ]);
  });

  test('a group without a region is wrong, and neither is no fault', async () => {
    const options = { region: undefined, endpoint: undefined, timeoutMs };
    expect(lines(await examineAws({ ...options, workerAsg: 'w' }))[0]).toMatch(
      /^wrong: .*AWS_REGION/,
    );
    expect(lines(await examineAws({ ...options, workerAsg: '' }))[0]).toMatch(/^note/);
  });
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { examineAws } from '../../src/integrations/aws/doctor.js';
import { examineSwarm } from '../../src/integrations/swarm/doctor.js';
import type { Section } from '../../src/lib/finding.js';
import { createAutoScalingSim } from '../../src/sim/auto-scaling.js';
import { createSwarmSim } from '../../src/sim/swarm.js';
import { lines, type Startable, startSim } from '../support/findings.js';
import { runJidoka } from '../support/jidoka.js';
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

  test('labels of the container are wrong where only the service may have them, else they count', async () => {
    const swarm = await started(createSwarmSim());
    const service = (
      name: string,
      containerLabels: Record<string, string>,
      labels: Record<string, string> = {},
    ) => swarm.addService({ name, replicas: 1, labels, containerLabels });
    service('off', { 'jidoka.enable': 'false' });
    service('repeated', { 'jidoka.mode': 'auto' }, { 'jidoka.mode': 'auto' });
    service('flow', { 'com.df.scaleMin': '1', 'com.df.scaleMax': '5' });
    expect((await look(swarm.dockerHost())).slice(1)).toEqual([
      'ok: 3 services can be listed; 1 have a floor and a ceiling',
      expect.stringMatching(/^wrong: service off: label jidoka.enable is set on the container; /),
    ]);
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
    const findings = await examineAws({
      region: 'eu-west-1',
      endpoint,
      workerAsg,
      timeoutMs,
      env: {},
    });
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
    sim.deny('DescribeScalingActivities');
    const fixes = (await look('workers', sim.url())).map(({ level, fix }) => ({ level, fix }));
    for (const action of ['DescribeInstanceRefreshes', 'DescribeScalingActivities']) {
      const fix = `allow autoscaling:${action} on * in a policy of these credentials`;
      expect(fixes).toContainEqual({ level: 'warning', fix });
    }
    sim.deny('DescribeAutoScalingGroups');
    expect(await look('workers', sim.url())).toMatchObject([
      {
        level: 'wrong',
        fix: expect.stringContaining('allow autoscaling:DescribeAutoScalingGroups'),
      },
    ]);
  });

  test('a region from a profile is as good as a variable', async () => {
    const sim = await started(createAutoScalingSim());
    sim.addGroup({ name: 'workers', min: 1, max: 4, desired: 2 });
    const dir = await mkdtemp(join(tmpdir(), 'jidoka-aws-'));
    undo.push(() => rm(dir, { recursive: true }));
    const env = {
      AWS_CONFIG_FILE: join(dir, 'config'),
      AWS_SHARED_CREDENTIALS_FILE: join(dir, 'credentials'),
      AWS_ENDPOINT_URL: sim.url(),
      JIDOKA_WORKER_ASG: 'workers',
      PORT: '0',
    };
    await writeFile(env.AWS_CONFIG_FILE, '[profile ops]\nregion = us-east-1\n[profile bare]\n');
    const key = 'aws_access_key_id = AKIATEST\naws_secret_access_key = hunter2\n';
    await writeFile(env.AWS_SHARED_CREDENTIALS_FILE, `[ops]\n${key}[bare]\n${key}`);
    const ask = async (AWS_PROFILE: string) => {
      const { stdout } = await runJidoka(['doctor', '--output', 'json'], { ...env, AWS_PROFILE });
      const { sections }: { sections: readonly Section[] } = JSON.parse(stdout);
      return lines(sections.find(({ name }) => name === 'AWS')?.findings ?? []);
    };
    const ops = await ask('ops');
    expect(ops).toContain('ok: Auto Scaling in us-east-1: credentials found, groups may be read');
    expect(ops).toContain('ok: group workers: 2 wanted, 2 in service, bounds 1 to 4');
    expect(await ask('bare')).toEqual([
      'wrong: JIDOKA_WORKER_ASG names workers, but AWS_REGION is not set, and no profile gives a region',
    ]);
  }, 60_000);

  test('an Auto Scaling without instance refreshes or activities is named, and is none that is wrong', async () => {
    const sim = await started(createAutoScalingSim());
    sim.addGroup({ name: 'workers', min: 1, max: 4, desired: 2 });
    sim.forget('DescribeInstanceRefreshes');
    sim.forget('DescribeScalingActivities');
    const found = await look('workers', sim.url());
    expect(lines(found).slice(2)).toEqual([
      'warning: instance refreshes of workers cannot be seen: this Auto Scaling does not have the call DescribeInstanceRefreshes',
      expect.stringMatching(/^note: autoscaling:SetDesiredCapacity was not tried/),
    ]);
  });

  test('a page of a proxy is no Auto Scaling', async () => {
    const sim = await started(createAutoScalingSim());
    const page = '<html>login</html>';
    sim.failNext({ action: 'DescribeAutoScalingGroups', page, times: 9 });
    expect(await look('workers', sim.url())).toMatchObject([
      { level: 'wrong', text: expect.stringMatching(/HTTP 200.*AWS_ENDPOINT_URL/) },
    ]);
  });

  test('a group without a region is wrong, and neither is no fault', async () => {
    const options = { region: undefined, endpoint: undefined, timeoutMs, env: {} };
    expect(lines(await examineAws({ ...options, workerAsg: 'w' }))[0]).toMatch(
      /^wrong: .*AWS_REGION/,
    );
    expect(lines(await examineAws({ ...options, workerAsg: '' }))[0]).toMatch(/^note/);
  });
});

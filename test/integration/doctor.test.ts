import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { examineAlertmanagers } from '../../src/cli/doctor/alertmanager.js';
import { examineAws } from '../../src/cli/doctor/aws.js';
import type { Finding, Section } from '../../src/cli/doctor/finding.js';
import { examinePlaybooks, loadForDoctor } from '../../src/cli/doctor/playbooks.js';
import { examineSlack } from '../../src/cli/doctor/slack.js';
import { examineSwarm } from '../../src/cli/doctor/swarm.js';
import { createAutoScalingSim } from '../../src/sim/auto-scaling.js';
import { createSlackSim } from '../../src/sim/slack.js';
import { createSwarmSim } from '../../src/sim/swarm.js';
import { runJidoka, startJidoka } from '../support/jidoka.js';
import { startAlertmanager } from '../support/parts/alertmanager.js';
import { startService } from '../support/parts/docker.js';
import { onFreePort } from '../support/parts/place.js';
import { usePart } from '../support/parts.js';
import { readmeBlock } from '../support/readme.js';

const timeoutMs = 3_000;
const undo: (() => Promise<unknown>)[] = [];
let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'jidoka-doctor-'));
  undo.push(() => rm(dir, { recursive: true }));
});

afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

const lines = (findings: readonly Finding[]) =>
  findings.map(({ level, text }) => `${level}: ${text}`);

/** Starts a simulation, and stops it after the test. */
async function started<Sim extends { start(): Promise<void>; stop(): Promise<void> }>(sim: Sim) {
  await sim.start();
  undo.push(sim.stop);
  return sim;
}

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
      'wrong: service crossed: its floor 6 is above its ceiling 5',
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

describe('Slack', () => {
  const signingSecret = 'signing-secret';

  async function look(options: { scopes?: readonly string[]; botToken?: string; bare?: boolean }) {
    const channels = [{ id: 'C1', name: 'ops' }];
    const { scopes = ['chat:write'] } = options;
    const sim = await started(
      createSlackSim({ botToken: 'hunter2', scopes, signingSecret, channels }),
    );
    const findings = await examineSlack({
      botToken: options.botToken ?? 'hunter2',
      apiUrl: sim.apiUrl(),
      channel: options.bare ? undefined : '#ops',
      signingSecret: options.bare ? undefined : signingSecret,
      timeoutMs,
    });
    expect(JSON.stringify(findings)).not.toMatch(/hunter|signing-secret/);
    expect(sim.calls).toEqual(['auth.test']);
    return lines(findings);
  }

  test('a token that may write is all right, and nothing is posted', async () => {
    expect(await look({})).toEqual([
      'ok: the token is good: jidoka in simulated',
      'ok: its scopes hold chat:write',
      expect.stringMatching(/^note: posting to #ops was not tried/),
    ]);
  });

  test('a scope, a channel or a signing secret that is missing is named', async () => {
    expect(await look({ scopes: ['users:read'], bare: true })).toEqual([
      expect.stringMatching(/^ok/),
      'wrong: the token lacks the scope chat:write',
      'warning: SLACK_CHANNEL is not set',
      'warning: SLACK_SIGNING_SECRET is not set',
    ]);
  });

  test('a token that Slack refuses is wrong', async () => {
    expect(await look({ botToken: 'hunter3' })).toEqual(['wrong: Slack: auth.test: invalid_auth']);
  });
});

describe('Alertmanager', () => {
  const expected = { receiver: 'jidoka', sendResolved: true, token: true };

  test('a real one with the receiver of the README is all right; what is changed is named', async () => {
    const config = parse(readmeBlock('yaml', 'webhook_configs'));
    const good = await startAlertmanager({ config });
    undo.push(good.stop);
    const [, receiver] = config.receivers;
    Object.assign(receiver.webhook_configs[0], { max_alerts: 10, send_resolved: false });
    const bad = await startAlertmanager({ config });
    undo.push(bad.stop);
    const urls = [
      good.url.replace('http://', 'http://ana:hunter2@'),
      bad.url,
      'http://127.0.0.1:4',
    ];
    const findings = await examineAlertmanagers({ urls, expected, timeoutMs });
    expect(lines(findings)).toEqual([
      expect.stringMatching(/^ok: version 0\.\d+\S* at http:\/\/127/),
      'ok: its receiver jidoka posts here, all alerts, resolved ones too',
      expect.stringMatching(/^ok: version/),
      'wrong: the receiver jidoka has send_resolved: false',
      'wrong: the receiver jidoka has max_alerts: 10',
      'wrong: Alertmanager http://127.0.0.1:4: connect ECONNREFUSED 127.0.0.1:4',
    ]);
    expect(JSON.stringify(findings)).not.toContain('hunter2');
  });
});

describe('playbooks', () => {
  const look = async (folder: string) =>
    lines(examinePlaybooks(folder, await loadForDoctor(folder, undefined)));

  test('are counted by their mode, and the first fault is named', async () => {
    expect(await look('playbooks')).toEqual([
      expect.stringMatching(
        /^ok: 5 from playbooks: \d act by themselves, \d ask first, \d only show$/,
      ),
    ]);
    expect(await look(dir)).toEqual([`warning: there is no playbook in ${dir}`]);
    await writeFile(join(dir, 'a.yaml'), 'name: a\nsummary: A.\nmatch: x\nsteps: []\n');
    expect(await look(dir)).toEqual([
      expect.stringMatching(/^wrong: \d faults in .*; the first: a\.yaml:3:\d+: /),
    ]);
  });
});

describe('the command', () => {
  test('says that all is well beside a running engine, as text and as JSON', async () => {
    const { dockerHost } = usePart('docker');
    const settings = {
      REDIS_URL: usePart('redis').url,
      JIDOKA_CELL: `doctor-${process.pid}`,
      DOCKER_HOST: dockerHost,
      JIDOKA_WEBHOOK_TOKEN: 'hunter2',
      JIDOKA_LISTEN: '127.0.0.1',
    };
    const env = await onFreePort(async (port) => {
      const tried = { ...settings, PORT: String(port) };
      const jidoka = await startJidoka(tried);
      undo.push(jidoka.stop);
      return tried;
    });

    const { code, stdout } = await runJidoka(['doctor', '--format', 'json'], env);
    const report: { ok: boolean; sections: readonly Section[] } = JSON.parse(stdout);
    expect(report.ok).toBe(true);
    expect(report.sections.map(({ name }) => name)).toEqual([
      ...['Redis', 'Swarm', 'AWS', 'Slack', 'Alertmanager', 'Playbooks', 'Engine'],
    ]);
    expect(report.sections.at(-1)?.findings).toMatchObject([
      { level: 'ok', text: expect.stringContaining('redis answers') },
    ]);
    expect(code).toBe(0);

    const asText = await runJidoka(['doctor'], env);
    expect(asText.code).toBe(0);
    expect(asText.stdout).toMatch(/^Redis {9}ok {7}version/);
    expect(asText.stdout).not.toMatch(/WRONG|hunter2/);
  });

  test('comes to an end where nothing answers, and tells no secret', async () => {
    const { port } = await silentServer();
    const at = `127.0.0.1:${port}`;
    const { code, stdout, stderr } = await runJidoka(['doctor', '--format', 'json'], {
      PORT: String(port),
      REDIS_URL: `redis://:hunter2@${at}`,
      DOCKER_HOST: `tcp://${at}`,
      AWS_REGION: 'eu-west-1',
      AWS_ENDPOINT_URL: `http://${at}`,
      AWS_ACCESS_KEY_ID: 'AKIATEST',
      AWS_SECRET_ACCESS_KEY: 'hunter2',
      SLACK_BOT_TOKEN: 'xoxb-hunter2',
      SLACK_API_URL: `http://${at}/api/`,
      ALERTMANAGER_URL: `http://ana:hunter2@${at}, http://ana:hunter2@${at}`,
      JIDOKA_WEBHOOK_TOKEN: 'hunter2',
      JIDOKA_ADMIN_TOKEN: 'hunter2',
    });
    const { sections }: { sections: readonly Section[] } = JSON.parse(stdout);
    const broken = sections.filter(({ findings }) =>
      findings.some(({ level }) => level === 'wrong'),
    );
    expect(broken.map(({ name }) => name)).toEqual([
      'Redis',
      'Swarm',
      'AWS',
      'Slack',
      'Alertmanager',
    ]);
    expect(code).toBe(1);
    // each call has an end of its own
    expect(stdout).not.toContain('could not be looked at');
    expect(stdout + stderr).not.toContain('hunter2');
  });

  test('names settings that cannot be used', async () => {
    const { code, stdout } = await runJidoka(['doctor'], { PORT: 'http', LOG_LEVEL: 'loud' });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^Settings +WRONG +PORT: expected a port number[\s\S]*LOG_LEVEL/);
  });

  test('refuses what it does not know, and tells its help', async () => {
    const unknown = await runJidoka(['doctor', '--fast']);
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining("'--fast'") });
    expect(await runJidoka(['doctor', '--format', 'xml'])).toMatchObject({ code: 2, stdout: '' });
    const help = await runJidoka(['doctor', '--help']);
    expect(help).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('usage: jidoka doctor'),
    });
  });
});

/** Takes connections and never answers. */
async function silentServer(): Promise<{ readonly port: number }> {
  const sockets: Socket[] = [];
  const silent = createServer((socket) => sockets.push(socket));
  await new Promise<void>((listening) => silent.listen(0, '127.0.0.1', listening));
  undo.push(async () => {
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
  return { port: (silent.address() as AddressInfo).port };
}

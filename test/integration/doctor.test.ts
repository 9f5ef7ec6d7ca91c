import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { examinePlaybooks, loadForDoctor } from '../../src/cli/doctor/playbooks.js';
import { examineCredentials } from '../../src/integrations/http/doctor.js';
import type { Section } from '../../src/lib/finding.js';
import { createSwarmSim } from '../../src/sim/swarm.js';
import { eventually } from '../support/eventually.js';
import { lines } from '../support/findings.js';
import { runJidoka, startJidoka } from '../support/jidoka.js';
import { onFreePort } from '../support/parts/place.js';
import { usePart } from '../support/parts.js';

const undo: (() => Promise<unknown>)[] = [];
let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'jidoka-doctor-'));
  undo.push(() => rm(dir, { recursive: true }));
});

afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

describe('playbooks', () => {
  const look = async (folder: string) =>
    lines(examinePlaybooks(folder, await loadForDoctor(folder, undefined)));

  test('are counted by their mode, and the first fault is named', async () => {
    expect(await look('playbooks')).toEqual([
      expect.stringMatching(
        /^ok: \d+ from playbooks: \d+ act by themselves, \d ask first, \d only show$/,
      ),
    ]);
    expect(await look(dir)).toEqual([`warning: there is no playbook in ${dir}`]);
    await writeFile(join(dir, 'a.yaml'), 'name: a\nsummary: A.\nmatch: x\nsteps: []\n');
    expect(await look(dir)).toEqual([
      expect.stringMatching(/^wrong: \d faults in .*; the first: a\.yaml:3:\d+: /),
    ]);
  });
});

test('credentials of a host that nobody has set are named', async () => {
  const hosts = 'http: { hosts: [{ url: https://ci.example, authorization: JIDOKA_HTTP_CI }] }';
  await writeFile(join(dir, 'policy.yaml'), hosts);
  const { hosts: allowed } = (await loadForDoctor(dir, undefined)).policy.http;
  expect(lines(examineCredentials(allowed, {}))).toEqual([
    'wrong: JIDOKA_HTTP_CI is not set, with which https://ci.example is called',
  ]);
  expect(examineCredentials(allowed, { JIDOKA_HTTP_CI: 'Bearer a' })).toEqual([]);
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

    const { code, stdout } = await runJidoka(['doctor', '--output', 'json'], env);
    const report: { ok: boolean; sections: readonly Section[] } = JSON.parse(stdout);
    expect(report.ok).toBe(true);
    expect(report.sections.map(({ name }) => name)).toEqual([
      ...[
        'Redis',
        'Swarm',
        'AWS',
        'Slack',
        'Alertmanager',
        'Prometheus',
        'Playbooks',
        'Audit',
        'Engine',
      ],
    ]);
    expect(report.sections.at(-1)?.findings).toMatchObject([
      { level: 'ok', text: expect.stringContaining('redis writable') },
    ]);
    expect(code).toBe(0);

    const asText = await runJidoka(['doctor'], env);
    expect(asText.code).toBe(0);
    expect(asText.stdout).toMatch(/^Redis {9}ok {7}version/);
    expect(asText.stdout).not.toMatch(/WRONG|hunter2/);
  }, 60_000);

  test.skipIf(existsSync('/var/run/docker.sock'))(
    'says that it did not look at the Swarm of a running engine where DOCKER_HOST is not set',
    async () => {
      const swarm = createSwarmSim();
      await swarm.start();
      undo.push(swarm.stop);
      const env = await onFreePort(async (port) => {
        const tried = {
          REDIS_URL: usePart('redis').url,
          JIDOKA_CELL: `doctor-unseen-${process.pid}`,
          PORT: String(port),
        };
        const jidoka = await startJidoka({ ...tried, DOCKER_HOST: swarm.dockerHost() });
        undo.push(jidoka.stop);
        return tried;
      });
      const warnings = async (more: Record<string, string> = {}) => {
        const { code, stdout } = await runJidoka(['doctor', '--output', 'json'], {
          ...env,
          ...more,
        });
        const report: { sections: readonly Section[] } = JSON.parse(stdout);
        const found = report.sections.filter(({ name }) => name === 'Swarm' || name === 'Engine');
        return { code, found: lines(found.flatMap(({ findings }) => findings)) };
      };
      const unset = await eventually(
        'the engine has looked at its Swarm',
        () => warnings(),
        ({ found }) => found.some((line) => line.includes('uses Swarm')),
      );
      expect(unset.found).toContainEqual(
        expect.stringMatching(
          /^warning: the engine at .* uses Swarm; the doctor did not look at it/,
        ),
      );
      const set = await warnings({ DOCKER_HOST: swarm.dockerHost() });
      expect(set.found.join()).not.toContain('did not look');
    },
    60_000,
  );

  test('comes to an end where nothing answers, and tells no secret', async () => {
    const { port } = await silentServer();
    const at = `127.0.0.1:${port}`;
    const { code, stdout, stderr } = await runJidoka(['doctor', '--output', 'json'], {
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
    expect(unknown).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("unknown option '--fast'"),
    });
    expect(await runJidoka(['doctor', '--output', 'xml'])).toMatchObject({ code: 2, stdout: '' });
    const help = await runJidoka(['doctor', '--help']);
    expect(help).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Usage: jidoka doctor'),
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

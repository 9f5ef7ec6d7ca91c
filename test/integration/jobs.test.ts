import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { Change } from '../../src/integrations/contract/change.js';
import type { JobDefinition } from '../../src/integrations/contract/job.js';
import { createSwarm } from '../../src/integrations/swarm/client.js';
import { createSwarmJob } from '../../src/integrations/swarm/job.js';
import { createJobSweep } from '../../src/integrations/swarm/job-sweep.js';
import { createSwarmJobs } from '../../src/integrations/swarm/jobs.js';
import { createSwarmNodes } from '../../src/integrations/swarm/nodes.js';
import { createLogger } from '../../src/lib/logger.js';
import { untilPasses } from '../support/eventually.js';
import { hostileText } from '../support/hostile.js';
import { jobOf } from '../support/job.js';
import { dockerClient } from '../support/parts/docker.js';
import { usePart } from '../support/parts.js';

const none = { min: undefined, max: undefined };
const keys: string[] = [];

function connect(secrets: readonly string[] = []) {
  const { dockerHost } = usePart('docker');
  const options = { dockerHost, timeoutMs: 10_000 };
  const jobs = createSwarmJobs({ ...options, secrets: () => secrets, dockerConfig: '/nowhere' });
  const nodes = createSwarmNodes(options);
  const action = createSwarmJob({ jobs, nodes, swarm: createSwarm(options) });

  /** Starts a job as a run would, its first attempt unless told. */
  async function start(
    definition: JobDefinition,
    given: Readonly<Record<string, string | number | boolean>> = {},
    key = `${randomBytes(9).toString('hex').slice(0, 12)}-1`,
  ) {
    const params = { job: definition.name, with: given, definition };
    const planned = action.plan(params, await action.observe(params), none);
    if (planned.kind !== 'change') throw new Error(`no change: ${planned.detail}`);
    const change = JSON.parse(JSON.stringify(planned)) as Change;
    const context = { params, key };
    keys.push(key);
    await action.apply(change, { ...context, answered: () => undefined });
    const look = () => action.verify(change, context);
    return {
      key,
      change,
      context,
      look,
      apply: () => action.apply(change, { ...context, answered: () => undefined }),
      async end() {
        let progress = await look();
        await untilPasses(async () => {
          progress = await look();
          expect(progress.kind).not.toBe('converging');
        });
        return progress;
      },
    };
  }
  return { action, jobs, start };
}

const busybox = (script: string, more: Readonly<Record<string, unknown>> = {}) =>
  jobOf('a-job', {
    image: usePart('docker').image,
    command: ['/bin/busybox', 'sh', '-c', script],
    constraints: [`node.id == ${usePart('docker').nodeId}`],
    stop: { grace: '1s' },
    time_limit: '1m',
    ...more,
  });

const anyText = { type: 'string', pattern: '(?s).*', max_length: 4_000 };

/** How many containers and services of a job there are on the tests' engine. */
async function leftOf(key: string) {
  const client = dockerClient();
  const services = await client.listServices({ filters: { name: [`jidoka-${key}`] } });
  const configs = await client.listConfigs();
  const named = configs.filter(({ Spec }) => Spec?.Name?.endsWith(`-${key}`));
  return { services: services.length, configs: named.length };
}

describe('a job on a real Swarm', () => {
  afterEach(async () => {
    const { jobs } = connect();
    await Promise.all(keys.splice(0).map((key) => jobs.remove(key)));
  });

  it('runs once with what the step gives, and keeps its output, exit code and node', async () => {
    const { start } = connect();
    const { end } = await start(
      busybox('echo "days $days"; echo gone >&2', { inputs: { days: { type: 'number' } } }),
      {
        days: 3,
      },
    );
    const ended = await end();
    expect(ended).toMatchObject({
      kind: 'converged',
      detail: expect.stringMatching(/^job a-job on \S+ ended with exit code 0 after \d+s$/),
      execution: { exitCode: 0, node: expect.stringMatching(/./), log: { bytes: 12 } },
    });
    // both streams are kept, in no order
    const text = ended.kind === 'converged' ? ended.execution?.log?.text : '';
    expect(text?.split('\n').toSorted()).toEqual(['', 'days 3', 'gone']);
  });

  it.each([
    [3, {}, 'failed'],
    [3, { exit_codes: { 3: 'done' } }, 'converged'],
    [75, {}, 'later'],
    [0, {}, 'converged'],
  ])('takes the exit code %i (%j) for %s', async (code, more, kind) => {
    const { end } = await connect().start(busybox(`exit ${code}`, more));
    expect(await end()).toMatchObject({ kind, execution: { exitCode: code } });
  });

  it('gives values as data, whatever they hold', async () => {
    const values = {
      first: `'; touch /tmp/x; echo "$(id)" \`id\` \\ "quoted"`,
      second: '{{ .Node.Hostname }} {{{ }} {{"{{"}} ${HOME} %s \\n',
      third: 'ÄÖÜ ☃ 🐳 \u{1f3f3}',
    };
    const script = 'printf "%s\\n" "$first" "$second" "$third"; cat "$JIDOKA_CONFIG"';
    const inputs = { first: anyText, second: anyText, third: anyText };
    const { end } = await connect().start(
      busybox(
        `/bin/busybox cat /run/jidoka/job.json; ${script.replace('cat "$J', '/bin/busybox cat "$J')}`,
        { inputs },
      ),
      values,
    );
    const ended = await end();
    if (ended.kind !== 'converged') throw new Error(ended.detail);
    const text = ended.execution?.log?.text ?? '';
    for (const value of Object.values(values)) expect(text.split('\n')).toContain(value);
    const [json = ''] = text.split(/(?<=\n\}\n)/);
    expect(JSON.parse(json)).toMatchObject({ job: 'a-job', inputs: values });
  });

  it('gives some hundred hostile values as data', async () => {
    const taken = fc
      .sample(hostileText, { numRuns: 2_000, seed: 1 })
      .filter((text) => !/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(text) && text.length < 60)
      .slice(0, 300);
    expect(taken).toHaveLength(300);
    for (let start = 0; start < taken.length; start += 100) {
      const some = taken.slice(start, start + 100);
      const values = Object.fromEntries(some.map((text, index) => [`value_${index}`, text]));
      const inputs = Object.fromEntries(Object.keys(values).map((name) => [name, anyText]));
      const print = Object.keys(values).map((name) => `printf '%s\\n' "$${name}"`);
      const ended = await (
        await connect().start(busybox(print.join('; '), { inputs }), values)
      ).end();
      if (ended.kind !== 'converged') throw new Error(ended.detail);
      // signs that turn text around are shown as dots
      const shown = some.map((text) => text.replace(/[^\P{C}\n\t]/gu, '\u00b7'));
      expect(ended.execution?.log?.text.split('\n')).toEqual([...shown, '']);
    }
  });

  it('runs a script with the interpreter of its first line, and mounts it read-only', async () => {
    const text =
      '#!/bin/busybox sh\necho "$0 $1"; echo x > "$0" || echo read-only\necho y > /tmp/y && echo writable\n';
    const job = { ...busybox(''), command: undefined, script: { file: 'jobs/a.sh', text } };
    const ended = await (await connect().start(job)).end();
    expect(ended).toMatchObject({ kind: 'converged' });
    const log = ended.kind === 'converged' ? ended.execution?.log?.text : '';
    expect(log).toMatch(/^\/run\/jidoka\/a\.sh $/m);
    // what it says on its other output may stand between
    expect(log).toMatch(/^read-only$/m);
    expect(log).toMatch(/^writable$/m);
  });

  it('has no capabilities, bounds, and a root that it cannot write', async () => {
    const script =
      '/bin/busybox grep CapEff /proc/self/status; echo x > /x || echo no; /bin/busybox id -u';
    const ended = await (await connect().start(busybox(script, { user: '1234' }))).end();
    const log = ended.kind === 'converged' ? ended.execution?.log?.text : ended.detail;
    expect(log).toMatch(/CapEff:\s+0000000000000000\n/);
    expect(log).toMatch(/^no$/m);
    expect(log).toMatch(/^1234$/m);
    const spec = (await dockerClient().listServices())
      .map((service) => service.Spec)
      .find((one) => one?.Name?.startsWith('jidoka-'));
    expect(spec?.TaskTemplate?.Resources?.Limits).toMatchObject({
      NanoCPUs: 1e9,
      MemoryBytes: 256 * 2 ** 20,
      Pids: 128,
    });
  });

  it('starts once, however often it is asked, and is the same for whoever looks', async () => {
    const { start, jobs } = connect();
    const { key, apply, end } = await start(busybox('echo once; /bin/busybox sleep 1'));
    await Promise.all([apply(), apply(), apply()]);
    await end();
    const tasks = await dockerClient().listTasks({ filters: { service: [`jidoka-${key}`] } });
    expect(tasks).toHaveLength(1);
    await jobs.remove(key);
    expect(await leftOf(key)).toEqual({ services: 0, configs: 0 });
  });

  it('fails where there is no such image', async () => {
    const job = { ...busybox('true'), image: 'jidoka-test/nothing:1' };
    expect(await (await connect().start(job)).end()).toMatchObject({
      kind: 'failed',
      detail: expect.stringMatching(/did not finish .*rejected.*No such image/),
    });
  });

  it('fails where its command cannot be started', async () => {
    const job = busybox('', { command: ['/bin/nothing'] });
    expect(await (await connect().start(job)).end()).toMatchObject({ kind: 'failed' });
  });

  it('ends when it is told to, with what it printed until then', async () => {
    const { action, start } = connect();
    const { key, change, context, look, end } = await start(
      busybox('echo begun; exec /bin/busybox sleep 600'),
    );
    await untilPasses(async () => expect((await look()).detail).toMatch(/is running/));
    let seen = await action.end?.send(change, context);
    expect(seen).toMatchObject({ exitCode: null, log: { text: 'begun\n' } });
    seen = await action.end?.send(change, context);
    expect(seen).toBeUndefined();
    expect((await end()).kind).toBe('failed');
    const running = await dockerClient().listContainers();
    expect(running.filter(({ Names }) => Names.join().includes(key))).toEqual([]);
    await action.clear?.(change, context);
    expect(await leftOf(key)).toEqual({ services: 0, configs: 0 });
  });

  it('keeps the ends of a long log, without what is secret', async () => {
    const secret = 'correct-horse-battery';
    const script = `echo "the token is ${secret}"; echo "password=hunter2 AKIAABCDEFGHIJKLMNOP"; i=0; while [ $i -lt 4000 ]; do echo "line $i of many"; i=$((i+1)); done; echo last`;
    const ended = await (await connect([secret]).start(busybox(script))).end();
    if (ended.kind !== 'converged') throw new Error(ended.detail);
    const { text = '', bytes = 0 } = ended.execution?.log ?? {};
    expect(bytes).toBeGreaterThan(60_000);
    expect(text.length).toBeLessThan(17_000);
    expect(text).toMatch(/^the token is \[secret\]\npassword=\[secret\] \[secret\]\nline 0/);
    expect(text).toMatch(/is left out[\s\S]*last\n$/);
  });

  it('leaves nothing of a run that is over, and all of one that is not', async () => {
    const { start, jobs } = connect();
    const [over, open] = [await start(busybox('true')), await start(busybox('true'))];
    const sweep = createJobSweep({
      jobs,
      isOver: async (run) => run === over.key.replace(/-1$/, ''),
      clock: { now: Date.now },
      log: createLogger('silent'),
    });
    // a config is in use until Swarm has let its service go
    await untilPasses(async () => {
      await sweep();
      expect(await leftOf(over.key)).toEqual({ services: 0, configs: 0 });
    });
    expect(await leftOf(open.key)).toEqual({ services: 1, configs: 1 });
  });
});

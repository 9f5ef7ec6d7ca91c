import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CreateServiceOptions } from 'dockerode';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, untilPasses } from '../support/eventually.js';
import { type Jidoka, startJidoka } from '../support/jidoka.js';
import { startAlertmanager } from '../support/parts/alertmanager.js';
import { dockerClient } from '../support/parts/docker.js';
import { makeDir, onFreePort } from '../support/parts/place.js';
import { startPrometheus } from '../support/parts/prometheus.js';
import { usePart } from '../support/parts.js';
import { relayPort } from '../support/relay.js';

/*
 * A service describes itself, on real parts: it is created with labels and nothing else. Prometheus takes its
 * targets from the engine and its rules from `jidoka prometheus sync`, Alertmanager posts what fires, and the
 * engine scales the service of a real Swarm.
 */

const token = randomUUID();
const undo: (() => Promise<unknown>)[] = [];
let jidoka: Jidoka;
let prometheusUrl: string;

beforeAll(async () => {
  const [prometheusPort, alertmanagerPort] = await Promise.all([
    onFreePort(async (port) => port),
    onFreePort(async (port) => port),
  ]);
  jidoka = await startJidoka({
    PROMETHEUS_URL: `http://127.0.0.1:${prometheusPort}`,
    ALERTMANAGER_URL: `http://127.0.0.1:${alertmanagerPort}`,
    ALERTMANAGER_RECEIVER: 'jidoka',
    REDIS_URL: usePart('redis').url,
    JIDOKA_CELL: `acceptance-${randomUUID()}`,
    DOCKER_HOST: usePart('docker').dockerHost,
    JIDOKA_PLAYBOOKS: await playbooks(),
    JIDOKA_WEBHOOK_TOKEN: token,
    JIDOKA_ADMIN_TOKEN: 'admin',
    JIDOKA_VIEWER_TOKEN: 'viewer',
    JIDOKA_LISTEN: '127.0.0.1',
  });
  undo.push(() => jidoka.stop());

  const url = `${jidoka.url}/webhooks/alertmanager`;
  const alertmanager = await startAlertmanager({
    port: alertmanagerPort,
    config: {
      route: {
        receiver: 'jidoka',
        routes: [{ receiver: 'elsewhere', matchers: ['elsewhere="yes"'] }],
        group_by: ['alertname', 'service'],
        ...{ group_wait: '0s', group_interval: '1s', repeat_interval: '5s' },
      },
      receivers: [
        { name: 'elsewhere' },
        {
          name: 'jidoka',
          webhook_configs: [{ url, http_config: { authorization: { credentials: token } } }],
        },
      ],
    },
  });
  undo.push(alertmanager.stop);

  const ruleFile = join(await makeDir('rules'), 'jidoka.yml');
  const prometheus = await startPrometheus({
    port: prometheusPort,
    rules: [],
    ruleFile,
    alertmanagerUrl: alertmanager.url,
    evaluationIntervalMs: 500,
    scrapeConfigs: [
      {
        job_name: 'services',
        http_sd_configs: [
          {
            url: `${jidoka.url}/prometheus/targets`,
            refresh_interval: '1s',
            // Prometheus 2.42 wants the type
            authorization: { type: 'Bearer', credentials: 'viewer' },
          },
        ],
      },
    ],
  });
  undo.push(prometheus.stop);
  prometheusUrl = prometheus.url;

  const options = ['--rules-file', ruleFile, '--reload', `${prometheusUrl}/-/reload`];
  const sync = spawn(
    process.execPath,
    ['dist/main.js', 'prometheus', 'sync', '--engine', jidoka.url, ...options],
    {
      env: { PATH: process.env.PATH, JIDOKA_VIEWER_TOKEN: 'viewer' },
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  );
  undo.push(async () => {
    const exited = once(sync, 'exit');
    sync.kill();
    await exited;
  });
});

afterAll(async () => {
  for (const step of undo.reverse()) await step();
});

test.each([
  {
    whose: 'our labels',
    labels: (port: number) => ({
      'jidoka.scrape.port': String(port),
      'jidoka.alert.ShopSlow.if': 'shop_latency_seconds > 1',
      'jidoka.alert.ShopSlow.labels.scale': 'up',
      'jidoka.alert.ShopSlow.annotations.summary': 'Slow: {{ $value }} s, more than 1',
      'jidoka.scale.min': '1',
      'jidoka.scale.max': '2',
    }),
    alert: () => 'ShopSlow',
    metric: (_: string, isHigh: boolean) => `shop_latency_seconds ${isHigh ? 2 : 0.5}\n`,
    changed: { 'jidoka.alert.ShopSlow.if': 'shop_latency_seconds > 3' },
    expression: /> 3/,
  },
  {
    whose: "Docker Flow's labels and a shortcut",
    labels: (port: number) => ({
      'com.df.notify': 'true',
      'com.df.scrapePort': String(port),
      'com.df.alertName': 'mem-limit',
      'com.df.alertIf': '@service_mem_limit:0.8',
      'com.df.alertLabels': 'scale=up',
      'com.df.scaleMin': '1',
      'com.df.scaleMax': '2',
    }),
    alert: (service: string) => `${service}_mem-limit`.replaceAll('-', ''),
    metric: (service: string, isHigh: boolean) => {
      const of = `{container_label_com_docker_swarm_service_name="${service}"}`;
      return `container_memory_usage_bytes${of} ${isHigh ? 90 : 50}\ncontainer_spec_memory_limit_bytes${of} 100\n`;
    },
    changed: { 'com.df.alertIf': '@service_mem_limit:0.95' },
    expression: /> 0\.95/,
  },
])(
  'a service with $whose is scraped, watched and scaled, and leaves nothing behind',
  async (one) => {
    const service = await createService(one.labels, one.metric);
    const run = async () => {
      const { items } = await jidoka.api<Runs>('runs');
      return items.find((item) => JSON.stringify(item).includes(service.name));
    };

    await untilPasses(async () => expect(await upOf(service.name)).toBe('1'));
    await untilPasses(async () =>
      expect(await ruleOf(service.name)).toMatchObject({
        name: one.alert(service.name),
        health: 'ok',
        labels: { service: service.name, scale: 'up' },
      }),
    );
    expect(await service.replicas()).toBe(1);

    await service.say(true);
    await eventually('the service has 2 replicas', service.replicas, (count) => count === 2);
    await service.say(false);
    const ended = await eventually('the run has ended', run, (found) => found?.state === 'ended');
    expect(ended?.outcome).toMatchObject({ kind: 'done', reason: 'resolved' });

    await service.change(one.changed);
    await untilPasses(async () => {
      const rule = await ruleOf(service.name);
      expect(rule?.query.replaceAll(/\s+/g, ' ')).toMatch(one.expression);
    });

    await service.remove();
    await untilPasses(async () => {
      expect(await ruleOf(service.name)).toBeUndefined();
      expect(await targetsOf(service.name)).toEqual([]);
    });
  },
);

test('each alert is proven link by link, and the link that is broken is the one that does not hold', async () => {
  const whole = (port: number) => ({
    'jidoka.scrape.port': String(port),
    'jidoka.alert.ShopProven.if': 'shop_latency_seconds > 1',
    'jidoka.alert.ShopProven.labels.scale': 'up',
    'jidoka.alert.ShopProven.labels.elsewhere': 'no',
    'jidoka.scale.min': '1',
    'jidoka.scale.max': '2',
    'jidoka.mode': 'auto',
    'jidoka.enable': 'true',
    'jidoka.owner': 'Payments',
  });
  const service = await createService(
    whole,
    (_, isHigh) => `shop_latency_seconds ${isHigh ? 2 : 0.5}\n`,
  );
  const read = async () => {
    const { items } = await jidoka.api<Services>(`services?q=${service.name}`);
    const [alert] = items[0]?.alerts ?? [];
    const links = (alert?.chain ?? []).map(({ name, state, detail }) => [name, { state, detail }]);
    return { service: items[0], links: Object.fromEntries(links) as Record<string, Link> };
  };
  const states = async () => {
    const { links } = await read();
    return Object.entries(links).map(([name, { state }]) => `${name}: ${state}`);
  };
  const holds = ['scrape', 'rule', 'route', 'playbook', 'target', 'mode'].map(
    (name) => `${name}: yes`,
  );

  await untilPasses(async () => expect(await states()).toEqual(holds));
  const { service: said, links } = await read();
  expect(said).toMatchObject({ owner: 'Payments', mode: 'auto', bounds: { min: 1, max: 2 } });
  expect(links).toMatchObject({
    scrape: { detail: '1 target up' },
    route: { detail: 'receiver jidoka' },
    playbook: { detail: 'scale-service-up' },
    target: { detail: expect.stringContaining(`${service.name} from 1 to 2 replicas`) },
  });

  const original = whole(service.port);
  for (const [link, change, detail] of [
    ['scrape', { 'jidoka.scrape.port': '9' }, /is down: .+/],
    [
      'rule',
      { 'jidoka.alert.ShopProven.if': 'label_replace(up, "x", "$1", "job", "(")' },
      /fails: .+/,
    ],
    ['route', { 'jidoka.alert.ShopProven.labels.elsewhere': 'yes' }, /to elsewhere; add a route/],
    [
      'playbook',
      { 'jidoka.alert.ShopProven.labels.scale': 'sideways' },
      /nearest is [a-z-]+, which wants /,
    ],
    ['target', { 'jidoka.enable': 'false' }, /jidoka\.enable/],
    ['mode', { 'jidoka.mode': 'shadow' }, /jidoka\.mode=shadow/],
  ] as const) {
    await service.change({ ...original, ...change });
    await untilPasses(async () => {
      const { links: now } = await read();
      const broken = Object.keys(now).filter((name) => now[name]?.state === 'no');
      expect(broken).toEqual([link]);
      expect(now[link]?.detail).toMatch(detail);
    });
  }
  expect(await check()).toBe(1);

  await service.change(original);
  await untilPasses(async () => expect(await states()).toEqual(holds));

  // an alert that fires is tried with its own labels; its route leads elsewhere, so that nothing is done
  await service.change({ ...original, 'jidoka.alert.ShopProven.labels.elsewhere': 'yes' });
  await untilPasses(async () => expect(await states()).toContain('route: no'));
  // the engine knows the new label at once, Prometheus with its next reload
  await untilPasses(async () =>
    expect(await ruleOf(service.name)).toMatchObject({ labels: { elsewhere: 'yes' } }),
  );
  await service.say(true);
  await untilPasses(async () => {
    const { service: now, links: found } = await read();
    expect(now?.alerts[0]?.tried).toBe('series');
    expect(found).toMatchObject({ route: { state: 'no' }, target: { state: 'yes' } });
  });
  expect(await service.replicas()).toBe(1);
  await service.remove();
}, 300_000);

test('a mistyped expression and a bad template of one service leave the good rules of others', async () => {
  const wrong = await createService(() => ({
    'jidoka.alert.Mistyped.if': 'rate(sum(x))',
    // only Prometheus knows how many arguments a function takes
    'jidoka.alert.Arguments.if': 'rate(x[5m], 1)',
    'jidoka.alert.Template.if': 'up == 0',
    'jidoka.alert.Template.annotations.summary': '{{ .Nope | nope }}',
    'jidoka.alert.Fine.if': 'vector(0) > 1',
  }));
  const good = await createService(() => ({ 'jidoka.alert.Good.if': 'vector(0) > 1' }));
  await untilPasses(async () => {
    expect(await ruleOf(good.name)).toMatchObject({ name: 'Good', health: 'ok' });
    expect(await ruleOf(wrong.name)).toMatchObject({ name: 'Fine', health: 'ok' });
  });
  await untilPasses(async () => {
    const { items } = await jidoka.api<Services>(`services?q=${wrong.name}`);
    expect(items[0]?.faults).toContainEqual({
      about: 'Arguments',
      detail: expect.stringMatching(/^Prometheus refuses the rule Arguments: .*argument/),
    });
    expect(items[0]?.alerts.map(({ name }) => name)).toEqual(['Fine', 'Template']);
  });
  const report = await eventually(
    'both are reported',
    async () => {
      const { items } = await jidoka.api<Escalations>('escalations');
      return items.filter(({ title }) => title.includes(wrong.name)).map(({ detail }) => detail);
    },
    (details) => details.length > 0,
  );
  expect(report[0]).toContain('jidoka.alert.Mistyped: rate expects a range vector');
  await untilPasses(async () => {
    const metrics = await (await fetch(`${jidoka.url}/metrics`)).text();
    expect(metrics).toContain(`jidoka_service_monitoring_invalid{service="${wrong.name}"} 1`);
    expect(metrics).not.toContain(`jidoka_service_monitoring_invalid{service="${good.name}"}`);
  });
});

interface Link {
  readonly state: 'yes' | 'no' | 'not_checked';
  readonly detail: string;
}

interface Services {
  readonly items: readonly {
    readonly name: string;
    readonly faults: readonly { readonly about: string; readonly detail: string }[];
    readonly alerts: readonly {
      readonly name: string;
      readonly tried: string;
      readonly chain: readonly (Link & { readonly name: string })[];
    }[];
  }[];
}

/** The exit code of `jidoka services --check`. */
async function check(): Promise<number | null> {
  const child = spawn(
    process.execPath,
    ['dist/main.js', 'services', '--check', '--url', jidoka.url],
    {
      env: { PATH: process.env.PATH, JIDOKA_ADMIN_TOKEN: 'admin' },
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

interface Runs {
  readonly items: readonly {
    readonly state: string;
    readonly outcome: { readonly kind: string; readonly reason: string } | null;
  }[];
}

interface Escalations {
  readonly items: readonly { readonly title: string; readonly detail: string }[];
}

interface Rule {
  readonly name: string;
  readonly query: string;
  readonly health: string;
  readonly labels: Readonly<Record<string, string>>;
}

async function ask<Data>(path: string): Promise<Data> {
  const answer = await fetch(`${prometheusUrl}/api/v1/${path}`);
  return ((await answer.json()) as { readonly data: Data }).data;
}

async function ruleOf(service: string): Promise<Rule | undefined> {
  const { groups } = await ask<{ groups: { name: string; rules: Rule[] }[] }>('rules');
  return groups.find(({ name }) => name === service)?.rules[0];
}

async function targetsOf(service: string): Promise<unknown[]> {
  const { activeTargets } = await ask<{ activeTargets: { labels: { service?: string } }[] }>(
    'targets?state=active',
  );
  return activeTargets.filter(({ labels }) => labels.service === service);
}

async function upOf(service: string): Promise<string | undefined> {
  const query = encodeURIComponent(`up{job="${service}",service="${service}"}`);
  const { result } = await ask<{ result: { value: [number, string] }[] }>(`query?query=${query}`);
  return result[0]?.value[1];
}

/** Creates a service that gives out a metric on the network of its node. */
async function createService(
  labelsFor: (port: number) => Readonly<Record<string, string>>,
  metric: (service: string, isHigh: boolean) => string = () => '',
) {
  const { image, prefix, nodeId } = usePart('docker');
  const docker = dockerClient();
  const name = `${prefix}shop-${randomUUID().slice(0, 8)}`;
  const dir = await makeDir('metrics');
  const { port, end } = await onFreePort(async (port) => ({ port, end: await relayPort(port) }));
  undo.push(end);
  const say = (isHigh: boolean) => writeFile(join(dir, 'metrics'), metric(name, isHigh));
  await say(false);
  // a further task on the same node finds the port taken, and does nothing
  const command = `/bin/busybox httpd -f -p ${port} -h /metrics || exec /bin/busybox sleep 86400`;
  const spec: CreateServiceOptions = {
    Name: name,
    Labels: { ...labelsFor(port) },
    Mode: { Replicated: { Replicas: 1 } },
    TaskTemplate: {
      ContainerSpec: {
        Image: image,
        Command: ['/bin/busybox', 'sh', '-c', command],
        Mounts: [{ Type: 'bind', Source: dir, Target: '/metrics' }],
        StopGracePeriod: 100_000_000,
      },
      Networks: [{ Target: 'host' }],
      Placement: { Constraints: [`node.id==${nodeId}`] },
    },
  };
  const { id } = await docker.createService(spec);
  let isThere = true;
  const remove = async () => {
    if (isThere) await docker.getService(id).remove();
    isThere = false;
  };
  undo.push(remove);
  const inspect = async () => (await docker.getService(id).inspect()) as Inspected;
  return {
    name,
    port,
    say,
    remove,
    replicas: async () => (await inspect()).Spec.Mode.Replicated.Replicas,
    async change(changed: Readonly<Record<string, string>>) {
      const { Spec, Version } = await inspect();
      const Labels = { ...Spec.Labels, ...changed };
      await docker.getService(id).update({ ...Spec, Labels, version: Version.Index });
    },
  };
}

interface Inspected {
  readonly Spec: {
    readonly Mode: { readonly Replicated: { readonly Replicas: number } };
    readonly Labels: Readonly<Record<string, string>>;
  };
  readonly Version: { readonly Index: number };
}

/** The shipped playbooks, with cooldowns that a test can wait for. */
async function playbooks(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'jidoka-playbooks-'));
  undo.push(() => rm(dir, { recursive: true }));
  await cp('playbooks', dir, { recursive: true });
  for (const file of await readdir(dir)) {
    const text = await readFile(join(dir, file), 'utf8');
    await writeFile(join(dir, file), text.replace(/cooldown: \w+/, 'cooldown: 3s'));
  }
  return dir;
}

import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import { untilPasses } from '../support/eventually.js';
import { startJidoka } from '../support/jidoka.js';
import { dockerClient } from '../support/parts/docker.js';
import { startPrometheus } from '../support/parts/prometheus.js';
import { usePart } from '../support/parts.js';

/* A real Prometheus finds the services of a real Swarm in both ways that the guide shows. */

const undo: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const step of undo.reverse()) await step();
});

interface ActiveTarget {
  readonly scrapePool: string;
  readonly scrapeUrl: string;
  readonly scrapeInterval: string;
  readonly scrapeTimeout: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** The scrape configuration of the guide that discovers the Swarm itself. */
function exampleOfGuide(dockerHost: string, network: string): Record<string, unknown> {
  const guide = readFileSync('docs/how-to/let-services-describe-their-monitoring.md', 'utf8');
  const blocks = [...guide.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(([, text = '']) => text);
  const text = blocks.find((block) => block.includes('dockerswarm_sd_configs')) ?? '';
  const example = text
    .replace('unix:///var/run/docker.sock', dockerHost)
    .replace('regex: monitoring', `regex: ${network}`)
    .replace('refresh_interval: 5s', 'refresh_interval: 1s');
  const { scrape_configs: configs } = parse(example) as {
    scrape_configs: Record<string, unknown>[];
  };
  return { ...configs[0], job_name: 'swarm' };
}

test('the targets of Jidoka are those of dockerswarm_sd_configs, with the same labels', async () => {
  const { dockerHost, image, prefix, nodeId } = usePart('docker');
  const docker = dockerClient();
  const network = `${prefix}monitoring-${randomUUID().slice(0, 6)}`;
  const other = `${network}-other`;
  for (const Name of [network, other]) {
    const { id } = await docker.createNetwork({ Name, Driver: 'overlay' });
    // its tasks leave it a moment after their service is gone
    undo.push(() => untilPasses(() => docker.getNetwork(id).remove()));
  }
  const create = async (
    name: string,
    Labels: Record<string, string>,
    Mode: object,
    networks = [network],
  ) => {
    const { id } = await docker.createService({
      ...{ Name: `${network}-${name}`, Labels, Mode },
      TaskTemplate: {
        ContainerSpec: {
          Image: image,
          Command: ['/bin/busybox', 'sleep', '86400'],
          StopGracePeriod: 100_000_000,
        },
        Networks: networks.map((Target) => ({ Target })),
        Placement: { Constraints: [`node.id==${nodeId}`] },
      },
    });
    undo.push(() => docker.getService(id).remove());
    return id;
  };
  const scrape = (port: number, more: Record<string, string> = {}) => ({
    'jidoka.scrape.port': String(port),
    ...more,
  });
  await create(
    'web',
    scrape(8080, {
      'jidoka.scrape.path': '/shop/metrics',
      'jidoka.scrape.interval': '7s',
      'jidoka.scrape.timeout': '3s',
      'jidoka.scrape.scheme': 'https',
      'com.docker.stack.namespace': 'shop',
    }),
    { Replicated: { Replicas: 3 } },
  );
  await create('exporter', scrape(9100), { Global: {} });
  await create('two', scrape(9000), { Replicated: { Replicas: 1 } }, [network, other]);
  await create('silent', {}, { Replicated: { Replicas: 1 } });
  await create('none', scrape(9001), { Replicated: { Replicas: 0 } });

  const jidoka = await startJidoka({
    REDIS_URL: usePart('redis').url,
    JIDOKA_CELL: `same-targets-${randomUUID()}`,
    DOCKER_HOST: dockerHost,
    JIDOKA_LISTEN: '127.0.0.1',
    JIDOKA_SCRAPE_NETWORK: network,
  });
  undo.push(() => jidoka.stop());
  const prometheus = await startPrometheus({
    rules: [],
    alertmanagerUrl: 'http://127.0.0.1:9',
    evaluationIntervalMs: 1_000,
    scrapeConfigs: [
      {
        job_name: 'jidoka',
        http_sd_configs: [{ url: `${jidoka.url}/prometheus/targets`, refresh_interval: '1s' }],
      },
      exampleOfGuide(dockerHost, network),
    ],
  });
  undo.push(prometheus.stop);

  const targetsOf = async (pool: string) => {
    const answer = await fetch(`${prometheus.url}/api/v1/targets?state=active`);
    const { data } = (await answer.json()) as { data: { activeTargets: ActiveTarget[] } };
    return data.activeTargets
      .filter(({ scrapePool, labels }) => scrapePool === pool && labels.job?.startsWith(network))
      .map(({ scrapeUrl, scrapeInterval, scrapeTimeout, labels }) => {
        return { scrapeUrl, scrapeInterval, scrapeTimeout, labels };
      })
      .sort((one, another) => (one.scrapeUrl < another.scrapeUrl ? -1 : 1));
  };
  const areSame = async (count: number) => {
    const [ours, own] = await Promise.all([targetsOf('jidoka'), targetsOf('swarm')]);
    expect(own).toHaveLength(count);
    expect(ours).toEqual(own);
    return ours;
  };
  const targets = await untilPasses(() => areSame(5));
  const hostname = (await docker.info()).Name;
  expect(targets.find(({ labels }) => labels.job === `${network}-web`)).toMatchObject({
    scrapeUrl: expect.stringMatching(/^https:\/\/10\.[\d.]+:8080\/shop\/metrics$/),
    ...{ scrapeInterval: '7s', scrapeTimeout: '3s' },
    labels: { service: `${network}-web`, node: hostname, stack: 'shop' },
  });

  await create('late', scrape(9002), { Replicated: { Replicas: 2 } });
  await untilPasses(() => areSame(7));
});

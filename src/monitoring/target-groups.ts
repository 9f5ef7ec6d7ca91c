import type { DescribedService, KnownNode, Labels, RunningTask } from './described-service.js';
import type { Scrape } from './monitoring.js';

/** One target as Prometheus' HTTP service discovery takes it. */
export interface TargetGroup {
  readonly targets: readonly [address: string];
  readonly labels: Labels;
}

/** Which addresses targets get, and which labels of their nodes. */
export interface TargetSettings {
  /** The network that services share with Prometheus; `undefined`: none is named. */
  readonly network: string | undefined;
  /** The names of the labels of nodes that targets get. */
  readonly nodeLabels: readonly string[];
}

/**
 * Makes the targets of a service: one for each running task.
 *
 * @returns the targets, and why others have no address
 */
export function createTargetGroups(
  service: DescribedService,
  scrape: Scrape,
  tasks: readonly RunningTask[],
  nodes: ReadonlyMap<string, KnownNode>,
  settings: TargetSettings,
): { readonly groups: readonly TargetGroup[]; readonly faults: readonly string[] } {
  const groups: TargetGroup[] = [];
  const faults = new Set<string>();
  for (const task of tasks) {
    const node = nodes.get(task.nodeId);
    const found = addressOf(task, node, scrape, settings.network, tasks.length);
    if ('fault' in found) {
      faults.add(found.fault);
      continue;
    }
    const stack = service.labels['com.docker.stack.namespace'];
    groups.push({
      targets: [found.address],
      labels: {
        ...nodeLabels(node, settings.nodeLabels),
        job: service.name,
        service: service.name,
        ...(node === undefined ? {} : { node: node.name }),
        ...(stack === undefined ? {} : { stack }),
        ...(scrape.path === undefined ? {} : { __metrics_path__: scrape.path }),
        ...(scrape.scheme === undefined ? {} : { __scheme__: scrape.scheme }),
        ...(scrape.interval === undefined ? {} : { __scrape_interval__: scrape.interval }),
        ...(scrape.timeout === undefined ? {} : { __scrape_timeout__: scrape.timeout }),
      },
    });
  }
  groups.sort((one, other) => (one.targets[0] < other.targets[0] ? -1 : 1));
  return { groups, faults: [...faults] };
}

/** The labels of a node that were asked for, in names that Prometheus takes. */
function nodeLabels(node: KnownNode | undefined, names: readonly string[]): Labels {
  if (node === undefined) return {};
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = node.labels[name];
      return value === undefined ? [] : [[name.replaceAll(/[^A-Za-z0-9_]/g, '_'), value]];
    }),
  );
}

type Found = { readonly address: string } | { readonly fault: string };

/** The address of a task: on the network shared with Prometheus, or its node and the published port. */
function addressOf(
  task: RunningTask,
  node: KnownNode | undefined,
  { port, network }: Scrape,
  shared: string | undefined,
  count: number,
): Found {
  const on = (wanted: string) => task.networks.find(({ name }) => name === wanted);
  const published = task.ports.find(({ target }) => target === port);
  const wanted = network === undefined ? undefined : on(network);
  if (network !== undefined && wanted === undefined) {
    return {
      fault: `the service is not on network ${network}; attach it, or correct the label jidoka.scrape.network`,
    };
  }
  const inner = task.networks.filter(({ address }) => address !== undefined);
  const onShared = shared === undefined ? undefined : on(shared);
  const [only] = inner.length === 1 && shared === undefined ? inner : [];
  const chosen = wanted ?? onShared ?? only;
  if (chosen?.address !== undefined) return { address: `${host(chosen.address)}:${port}` };

  const isOnHost = task.networks.some(({ address }) => address === undefined);
  if (!isOnHost && published === undefined) {
    const names = inner.map(({ name }) => name).join(', ');
    return {
      fault:
        inner.length > 1
          ? `the service is on several networks (${names}); set the label jidoka.scrape.network, or JIDOKA_SCRAPE_NETWORK, to the one that Prometheus is on`
          : `no address for port ${port}; attach the service to the network of Prometheus${shared === undefined ? '' : ` (${shared})`}, or publish the port in mode host`,
    };
  }
  if (published?.mode === 'ingress' && count > 1) {
    return {
      fault: `port ${port} is published through the routing mesh, which reaches any of the tasks; attach the service to the network of Prometheus, or publish the port in mode host`,
    };
  }
  if (node === undefined || node.address === '' || node.address === '0.0.0.0') {
    return { fault: `the address of node ${node?.name ?? task.nodeId} is not known` };
  }
  return { address: `${host(node.address)}:${isOnHost ? port : published?.published}` };
}

function host(address: string): string {
  return address.includes(':') ? `[${address}]` : address;
}

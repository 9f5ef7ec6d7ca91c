import { describe, expect, it } from 'vitest';
import type { RunningTask } from '../../../src/monitoring/described-service.js';
import { noAutomation } from '../../../src/monitoring/described-service.js';
import type { Scrape } from '../../../src/monitoring/monitoring.js';
import { createTargetGroups } from '../../../src/monitoring/target-groups.js';

const service = {
  ...{ id: 's', name: 'shop_web', replicas: 1, containerLabels: {}, automation: noAutomation },
  labels: { 'com.docker.stack.namespace': 'shop' },
};
const nodes = new Map([
  ['n1', { id: 'n1', name: 'node-1', address: '192.0.2.1', labels: { 'disk-type': 'ssd' } }],
]);
const base: Scrape = {
  ...{ port: 8080, path: undefined, interval: undefined, timeout: undefined },
  ...{ scheme: undefined, network: undefined },
};
const task = (patch: Partial<RunningTask>): RunningTask => ({
  ...{ id: 't', serviceId: 's', nodeId: 'n1', networks: [], ports: [] },
  ...patch,
});
const targets = (tasks: readonly RunningTask[], scrape: Partial<Scrape> = {}, network?: string) =>
  createTargetGroups(service, { ...base, ...scrape }, tasks, nodes, {
    network,
    nodeLabels: ['disk-type', 'zone'],
  });
const addresses = (...given: Parameters<typeof targets>) =>
  targets(...given).groups.map(({ targets: [address] }) => address);

const front = { name: 'front', address: '10.0.1.5' };
const shared = { name: 'monitoring', address: '10.0.9.7' };
const host = { name: 'host', address: undefined };

describe('a target', () => {
  it('has the labels of its service and its node', () => {
    const { groups } = targets([task({ networks: [shared] })], { path: '/m', interval: '5s' });
    expect(groups).toEqual([
      {
        targets: ['10.0.9.7:8080'],
        labels: {
          job: 'shop_web',
          service: 'shop_web',
          node: 'node-1',
          stack: 'shop',
          disk_type: 'ssd',
          __metrics_path__: '/m',
          __scrape_interval__: '5s',
        },
      },
    ]);
  });

  it('has the address on the network of its label, on the shared one, or on its only one', () => {
    const both = task({ networks: [front, shared] });
    expect(addresses([both], { network: 'front' }, 'monitoring')).toEqual(['10.0.1.5:8080']);
    expect(addresses([both], {}, 'monitoring')).toEqual(['10.0.9.7:8080']);
    expect(addresses([task({ networks: [front] })])).toEqual(['10.0.1.5:8080']);
  });

  it('has the address of its node on the network of the host, or by a published port', () => {
    expect(addresses([task({ networks: [host] })])).toEqual(['192.0.2.1:8080']);
    const ports = [{ target: 8080, published: 30_080, mode: 'host' as const }];
    expect(addresses([task({ ports })])).toEqual(['192.0.2.1:30080']);
  });

  it('has brackets around an address of IPv6', () => {
    const networks = [{ name: 'six', address: 'fd00::1' }];
    expect(addresses([task({ networks })])).toEqual(['[fd00::1]:8080']);
  });
});

describe('a task without an address', () => {
  const mesh = [{ target: 8080, published: 30_080, mode: 'ingress' as const }];
  it.each([
    [
      'on several networks',
      [task({ networks: [front, shared] })],
      {},
      undefined,
      /several networks \(front, monitoring\)/,
    ],
    [
      'not on the network of its label',
      [task({ networks: [front] })],
      { network: 'x' },
      undefined,
      /not on network x/,
    ],
    [
      'not on the shared network',
      [task({ networks: [front] })],
      {},
      'monitoring',
      /\(monitoring\)/,
    ],
    ['on none', [task({})], {}, undefined, /no address for port 8080/],
    [
      'behind the routing mesh',
      [task({ ports: mesh }), task({ id: 'u', ports: mesh })],
      {},
      undefined,
      /routing mesh/,
    ],
    [
      'on an unknown node',
      [task({ nodeId: 'n9', networks: [host] })],
      {},
      undefined,
      /node n9 is not known/,
    ],
  ])('is reported and is no target: %s', (_, tasks, scrape, network, fault) => {
    const { groups, faults } = targets(tasks, scrape, network);
    expect(groups).toEqual([]);
    expect(faults).toEqual([expect.stringMatching(fault)]);
  });
});

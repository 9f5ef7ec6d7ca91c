import { describe, expect, it, test } from 'vitest';
import type {
  AnnouncedNode,
  AnnouncedService,
} from '../../../src/announcements/announced-world.js';
import {
  isAnnounced,
  nodeParameters,
  nodeRemoval,
  serviceParameters,
  serviceRemoval,
} from '../../../src/announcements/parameters.js';
import { addressWith } from '../../../src/announcements/send.js';

/* What Docker Flow Proxy and Docker Flow Monitor are sent, parameter by parameter. */

const service = (patch: Partial<AnnouncedService> = {}): AnnouncedService => ({
  ...{ id: 's1', name: 'go-demo_main', version: 7, digest: 'x', replicas: 3, isConverged: true },
  tasks: [],
  labels: {},
  ...patch,
});
const node: AnnouncedNode = {
  ...{ id: 'n1', name: 'node-1', version: 24, address: '10.0.0.1', state: 'ready' },
  ...{ role: 'worker', availability: 'active', labels: {}, engineLabels: {} },
};
const plain = { prefix: undefined, nodeInfo: false };

describe('what is sent of a service', () => {
  it.each<{
    what: string;
    labels: Record<string, string>;
    patch?: Partial<AnnouncedService>;
    settings?: { prefix?: string; nodeInfo?: boolean };
    created: Record<string, string>;
    removed: Record<string, string>;
  }>([
    {
      what: 'a service of Docker Flow Proxy',
      labels: {
        'com.df.notify': 'true',
        'com.df.servicePath': '/demo',
        'com.df.port': '8080',
        'com.df.srcPort': '80',
        'com.df.serviceDomain': 'acme.com,acme.org',
        'com.df.reqPathSearchReplace': '/demo/,/',
        'com.df.httpsOnly': 'true',
        'com.df.servicePath.1': '/api',
        'com.df.port.1': '8081',
        'com.docker.stack.namespace': 'go-demo',
        'org.example': 'not sent',
      },
      created: {
        ...{ serviceName: 'go-demo_main', replicas: '3', distribute: 'true', notify: 'true' },
        ...{ servicePath: '/demo', port: '8080', srcPort: '80' },
        serviceDomain: 'acme.com,acme.org',
        ...{ reqPathSearchReplace: '/demo/,/', httpsOnly: 'true' },
        ...{ 'servicePath.1': '/api', 'port.1': '8081' },
      },
      removed: {
        ...{ serviceName: 'go-demo_main', distribute: 'true', notify: 'true' },
        ...{ servicePath: '/demo', port: '8080', srcPort: '80' },
        serviceDomain: 'acme.com,acme.org',
        ...{ reqPathSearchReplace: '/demo/,/', httpsOnly: 'true' },
        ...{ 'servicePath.1': '/api', 'port.1': '8081' },
      },
    },
    {
      what: 'a global service, which has no replicas',
      labels: {},
      patch: { replicas: undefined },
      created: { serviceName: 'go-demo_main', distribute: 'true' },
      removed: { serviceName: 'go-demo_main', distribute: 'true' },
    },
    {
      what: 'a service at 0 replicas',
      labels: {},
      patch: { replicas: 0 },
      created: { serviceName: 'go-demo_main', replicas: '0', distribute: 'true' },
      removed: { serviceName: 'go-demo_main', distribute: 'true' },
    },
    {
      what: 'distribute as the label gives it',
      labels: { 'com.df.distribute': 'false' },
      created: { serviceName: 'go-demo_main', replicas: '3', distribute: 'false' },
      removed: { serviceName: 'go-demo_main', distribute: 'false' },
    },
    {
      what: 'the name without that of the stack',
      labels: { 'com.df.shortName': 'TRUE', 'com.docker.stack.namespace': 'go-demo' },
      created: { serviceName: 'main', shortName: 'TRUE', replicas: '3', distribute: 'true' },
      removed: { serviceName: 'main', shortName: 'TRUE', distribute: 'true' },
    },
    {
      what: 'the whole name where there is no stack',
      labels: { 'com.df.shortName': 'true' },
      created: {
        ...{ serviceName: 'go-demo_main', shortName: 'true', replicas: '3', distribute: 'true' },
      },
      removed: { serviceName: 'go-demo_main', shortName: 'true', distribute: 'true' },
    },
    {
      what: 'the prefix in front of the short name',
      labels: { 'com.df.shortName': 'true', 'com.docker.stack.namespace': 'go-demo' },
      settings: { prefix: 'eu' },
      created: { serviceName: 'eu_main', shortName: 'true', replicas: '3', distribute: 'true' },
      removed: { serviceName: 'eu_main', shortName: 'true', distribute: 'true' },
    },
    {
      what: 'no label in the place of its name and its replicas',
      labels: { 'com.df.serviceName': 'other', 'com.df.replicas': '9', 'com.df.': 'x' },
      created: { serviceName: 'go-demo_main', replicas: '3', distribute: 'true' },
      removed: { serviceName: 'go-demo_main', replicas: '9', distribute: 'true' },
    },
    {
      what: 'the addresses of its tasks on the scrape network',
      labels: { 'com.df.scrapeNetwork': 'monitor', 'com.df.scrapePort': '8080' },
      settings: { nodeInfo: true },
      patch: {
        tasks: [
          { nodeId: 'n2', networks: [{ name: 'monitor', address: '10.0.1.6' }] },
          {
            nodeId: 'n1',
            networks: [
              { name: 'other', address: '10.0.9.1' },
              { name: 'monitor', address: '10.0.1.5' },
            ],
          },
        ],
      },
      created: {
        ...{ serviceName: 'go-demo_main', replicas: '3', distribute: 'true' },
        ...{ scrapeNetwork: 'monitor', scrapePort: '8080' },
        nodeInfo: '[["n2","10.0.1.6","n2"],["node-1","10.0.1.5","n1"]]',
      },
      removed: {
        ...{ serviceName: 'go-demo_main', distribute: 'true' },
        ...{ scrapeNetwork: 'monitor', scrapePort: '8080' },
      },
    },
    {
      what: 'no addresses unless they are asked for',
      labels: { 'com.df.scrapeNetwork': 'monitor' },
      patch: { tasks: [{ nodeId: 'n1', networks: [{ name: 'monitor', address: '10.0.1.5' }] }] },
      created: {
        ...{ serviceName: 'go-demo_main', replicas: '3', distribute: 'true' },
        scrapeNetwork: 'monitor',
      },
      removed: { serviceName: 'go-demo_main', distribute: 'true', scrapeNetwork: 'monitor' },
    },
  ])('$what', ({ labels, patch = {}, settings = {}, created, removed }) => {
    const one = service({ ...patch, labels });
    const all = { ...plain, ...settings };
    expect(serviceParameters(one, [node], all)).toEqual(created);
    expect(serviceRemoval(one, all)).toEqual(removed);
  });
});

test('what is sent of a node: labels of it and its engine, and its state', () => {
  const one = {
    ...node,
    engineLabels: { 'com.df.zone': 'a', 'com.df.disk': 'ssd', other: 'x' },
    labels: { 'com.df.zone': 'b' },
  };
  expect(nodeParameters(one)).toEqual({
    ...{ zone: 'b', disk: 'ssd', id: 'n1', hostname: 'node-1', address: '10.0.0.1' },
    ...{ versionIndex: '24', state: 'ready', role: 'worker', availability: 'active' },
  });
  expect(nodeRemoval(one)).toEqual({ id: 'n1', hostname: 'node-1', address: '10.0.0.1' });
});

test.each([
  ['true', true],
  ['True', true],
  ['TRUE', true],
  ['false', false],
  ['yes', false],
  ['', false],
])('a service with com.df.notify=%s takes part: %s', (value, isIn) => {
  expect(isAnnounced({ 'com.df.notify': value }, { label: 'com.df.notify' })).toBe(isIn);
  expect(isAnnounced({ 'com.df.notifyDev': value }, { label: 'com.df.notifyDev' })).toBe(isIn);
  expect(isAnnounced({ 'com.df.notify': value }, { label: 'com.df.notifyDev' })).toBe(false);
});

test('a query that the address has is kept, and values arrive as they are', () => {
  const parameters = { serviceName: 'web', alertIf: '@mem:0.8 & a=b,c+d', servicePath: '/ä' };
  const address = addressWith('http://user:pass@proxy:8080/v1/reconfigure?token=a%26b', parameters);
  expect(Object.fromEntries(address.searchParams)).toEqual({ token: 'a&b', ...parameters });
  expect(address.search).toBe(
    '?token=a%26b&alertIf=%40mem%3A0.8+%26+a%3Db%2Cc%2Bd&serviceName=web&servicePath=%2F%C3%A4',
  );
});

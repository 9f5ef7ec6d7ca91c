import { describe, expect, it } from 'vitest';
import { createRegistry } from '../../../src/action/registry.js';
import { createAutoScaling } from '../../../src/target/auto-scaling.js';
import { createEc2 } from '../../../src/target/ec2.js';
import { createHttp } from '../../../src/target/http.js';
import { createSwarm } from '../../../src/target/swarm.js';
import { createSwarmNodes } from '../../../src/target/swarm-nodes.js';
import { describeConformance } from './conformance.js';
import { subjects } from './subjects.js';

/** Nothing answers at either address, and nobody is asked. */
const engine = { dockerHost: 'unix:///nowhere/docker.sock', timeoutMs: 100 };
const aws = { endpoint: 'http://127.0.0.1:1', timeoutMs: 100 };
const registry = createRegistry({
  swarm: createSwarm(engine),
  nodes: createSwarmNodes(engine),
  autoScaling: createAutoScaling(aws),
  ec2: createEc2(aws),
  http: createHttp({ hosts: () => [], credentials: {} }),
  workerAsg: '',
});

describe('the registry', () => {
  it('holds each action under its own name', () => {
    expect([...registry].map(([name, action]) => [name, action.name])).toEqual([
      ['swarm.scale', 'swarm.scale'],
      ['swarm.restart', 'swarm.restart'],
      ['swarm.rollback', 'swarm.rollback'],
      ['swarm.rebalance', 'swarm.rebalance'],
      ['node.drain', 'node.drain'],
      ['node.activate', 'node.activate'],
      ['asg.resize', 'asg.resize'],
      ['http.request', 'http.request'],
    ]);
  });

  it('checks parameters with nothing connected', () => {
    const params = { service: 'web', by: 1 };
    expect(registry.get('swarm.scale')?.params.parse(params)).toEqual(params);
  });

  it('has a conformance subject for each of its actions and for nothing else', () => {
    expect(subjects.map((subject) => subject.name).sort()).toEqual([...registry.keys()].sort());
  });
});

for (const subject of subjects) describeConformance(subject);

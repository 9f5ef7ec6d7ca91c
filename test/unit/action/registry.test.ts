import { describe, expect, it } from 'vitest';
import { createRegistry } from '../../../src/action/registry.js';
import { createAutoScaling } from '../../../src/target/auto-scaling.js';
import { createSwarm } from '../../../src/target/swarm.js';
import { describeConformance } from './conformance.js';
import { subjects } from './subjects.js';

/** Nothing answers at either address, and nobody is asked. */
const registry = createRegistry({
  swarm: createSwarm({ dockerHost: 'unix:///nowhere/docker.sock', timeoutMs: 100 }),
  autoScaling: createAutoScaling({ endpoint: 'http://127.0.0.1:1', timeoutMs: 100 }),
});

describe('the registry', () => {
  it('holds each action under its own name', () => {
    expect([...registry].map(([name, action]) => [name, action.name])).toEqual([
      ['swarm.scale', 'swarm.scale'],
      ['swarm.restart', 'swarm.restart'],
      ['swarm.rollback', 'swarm.rollback'],
      ['asg.resize', 'asg.resize'],
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

import { z } from 'zod';
import { textField } from '../../lib/field.js';
import {
  type ChangingSize,
  reactionFields,
  requireWilling,
  resize,
  runningNow,
  steadySize,
  takesMs,
} from '../contract/simulated-size.js';
import { createSimulatedTargets, type SimulatedTarget } from '../contract/simulated-targets.js';
import type { SimulatedKind, Simulator } from '../contract/simulation.js';
import { TargetError } from '../contract/target-error.js';
import { swarm } from '../swarm/swarm.js';
import type { AutoScaling } from './auto-scaling.js';
import type { AwsClients } from './connect.js';
import { isGroupName } from './group-name.js';

const state = z.strictObject({
  desired: z.int().min(0).describe('Its desired instances.'),
  min: z.int().min(0).describe('Its MinSize.'),
  max: z.int().min(0).describe('Its MaxSize.'),
  suspended: z
    .array(textField)
    .default([])
    .meta({
      description: 'Its suspended processes.',
      examples: [['Launch']],
    }),
  ...reactionFields,
});

type GroupState = z.output<typeof state>;

const groups: SimulatedKind<GroupState> = {
  kind: 'asg',
  one: 'group',
  summary: 'Auto Scaling groups, by name.',
  state,
  operations: [],
  size: {
    summary: 'The desired instances of groups.',
    example: { workers: 4 },
  },
  assume: ({ size, bounds, convergeMs }) => ({
    desired: size,
    min: bounds?.min ?? 0,
    max: bounds?.max ?? Number.MAX_SAFE_INTEGER,
    suspended: [],
    takes: convergeMs,
    replies: 'converges',
  }),
};

/** What changes in a group. */
interface Live {
  readonly size: ChangingSize;
  /** The numbers of the instances that are wanted, and the last one that was given. */
  numbers: number[];
  lastNumber: number;
  /** Those that were ended, and until when they are still there. */
  readonly leaving: { readonly number: number; readonly untilMs: number }[];
}

type Group = SimulatedTarget<GroupState, Live>;

const kinds = { groups };

/** Auto Scaling groups and their instances in playbook tests and backtests. */
export const awsSimulator: Simulator<typeof kinds, AwsClients> = {
  kinds,

  create({ given, workerAsg, clientsOf, clock, onEffect }) {
    const targets = createSimulatedTargets<GroupState, Live>({
      given: given.groups,
      one: groups.one,
      start: ({ desired }) => ({
        size: steadySize(desired),
        numbers: Array.from({ length: desired }, (_, index) => index + 1),
        lastNumber: desired,
        leaving: [],
      }),
    });

    function find(name: string): Group {
      if (isGroupName(name)) return targets.find(name);
      throw new TargetError('invalid', `"${name}" cannot be the name of an Auto Scaling group`);
    }

    /** Returns the lifecycle states of a group's instances, by their numbers. */
    function instancesOf({ state, live }: Group): ReadonlyMap<number, string> {
      const inService = runningNow(live.size, state, clock);
      const going = live.leaving.filter(({ untilMs }) => clock.now() < untilMs);
      return new Map([
        ...live.numbers.map(
          (number, index) => [number, index < inService ? 'InService' : 'Pending'] as const,
        ),
        ...going.map(({ number }) => [number, 'Terminating'] as const),
      ]);
    }

    /** Records an effect after which so many instances are wanted. */
    function resized(name: string, { state, live }: Group, to: number): void {
      const from = live.size.wanted;
      resize(live.size, to, state, clock);
      const about = { atMs: clock.now(), kind: groups.kind, name, takesMs: takesMs(state) };
      onEffect({ ...about, does: 'resize', from, to });
    }

    const autoScaling: AutoScaling = {
      check: async () => ({ region: 'simulated' }),
      countGroups: async () => given.groups.names().length,
      instanceRefresh: async () => ({ kind: 'seen', isActive: false }),
      trouble: async () => null,
      activities: async () => [],

      async group(name) {
        const group = find(name);
        const { min, max, suspended } = group.state;
        const desired = group.live.size.wanted;
        const inService = runningNow(group.live.size, group.state, clock);
        const pending = Math.max(desired - inService, 0);
        return {
          name,
          min,
          max,
          desired,
          inService,
          otherInstances: pending === 0 ? {} : { Pending: pending },
          instances: [...instancesOf(group)].map(([number, state]) => ({
            id: instanceId(name, number),
            state,
            zone: 'simulated',
            isProtected: false,
          })),
          suspended,
          countsInstances: true,
          deleting: false,
        };
      },

      async setDesiredCapacity({ name, desired }) {
        const group = find(name);
        const { state, live } = group;
        requireWilling(`group ${name}`, state);
        resized(name, group, desired);
        // new instances get new numbers, and the youngest go
        while (live.numbers.length < desired) {
          live.lastNumber += 1;
          live.numbers.push(live.lastNumber);
        }
        live.numbers.length = desired;
      },

      async terminateInstance(id) {
        const isOurs = ([name, { live }]: readonly [string, Group]) =>
          live.numbers.some((number) => instanceId(name, number) === id);
        const [name, group] = [...targets.all()].find(isOurs) ?? [];
        if (name === undefined || group === undefined) {
          throw new TargetError('not_found', `Auto Scaling: there is no instance ${id}`);
        }
        const { state, live } = group;
        requireWilling(`group ${name}`, state);
        const number = live.numbers.find((one) => instanceId(name, one) === id) ?? 0;
        live.numbers = live.numbers.filter((one) => one !== number);
        const untilMs = clock.now() + (takesMs(state) ?? Number.POSITIVE_INFINITY);
        live.leaving.push({ number, untilMs });
        resized(name, group, live.size.wanted - 1);
      },
    };

    return {
      // instances are named like their nodes, so that EC2 has no more to tell of them
      clients: {
        ...clientsOf(swarm),
        autoScaling,
        ec2: { machines: async () => new Map() },
        workerAsg,
        hasRegion: true,
      },
      sizes: { groups: (name) => targets.known(name)?.live.size.wanted },

      machines() {
        const found = new Map<string, boolean>();
        for (const [name, group] of targets.all()) {
          for (const [number, state] of instancesOf(group)) {
            found.set(instanceId(name, number), state !== 'Pending');
          }
        }
        return found;
      },
    };
  },
};

/** Returns what an instance of a simulated group is called: `workers-3`. */
function instanceId(group: string, number: number): string {
  return `${group}-${number}`;
}

import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../../lib/clock.js';
import { durationField } from '../../lib/field.js';
import type { Effect, GivenTargets, SimulatedKind } from '../contract/simulation.js';
import { TargetError } from '../contract/target-error.js';
import { runJob } from './job.js';
import type { JobOrder } from './job-spec.js';
import type { SwarmJobs } from './jobs.js';

const state = z.strictObject({
  takes: durationField.default(10_000).describe('How long it runs.'),
  exits: z
    .union([z.int().min(0).max(255), z.array(z.int().min(0).max(255)).min(1)])
    .default(0)
    .describe('Its exit code. A list has the codes of one run after another; the last one stays.'),
  prints: z.string().default('').describe('What it prints.'),
  replies: z
    .enum(['runs', 'no_image', 'unavailable'])
    .default('runs')
    .describe('What Swarm does: runs it, finds no image, or does not answer.'),
});

type JobState = z.output<typeof state>;

/** Jobs in playbook tests. */
export const simulatedJobs: SimulatedKind<JobState> = {
  kind: 'swarm.job',
  one: 'job',
  summary: 'Jobs of jobs.yaml, by name. A job that is not listed ends after 10s with exit code 0.',
  state,
  operations: [runJob],
  assume: ({ convergeMs }) => ({ takes: convergeMs, exits: 0, prints: '', replies: 'runs' }),
};

interface Started {
  readonly order: JobOrder;
  readonly state: JobState;
  readonly exitCode: number;
  readonly atMs: number;
  endedAtMs: number | undefined;
}

interface Options {
  readonly given: GivenTargets<JobState>;
  readonly clock: Clock;
  readonly onEffect: (effect: Effect) => void;
}

/** Creates the jobs of a simulated Swarm. */
export function createSimulatedJobs({ given, clock, onEffect }: Options): SwarmJobs {
  const started = new Map<string, Started>();
  const counts = new Map<string, number>();

  function stateOf(name: string): JobState {
    const found = given.find(name) ?? state.parse({});
    if (found.replies !== 'unavailable') return found;
    throw new TargetError('unavailable', `job ${name}: Docker Swarm does not answer`);
  }

  return {
    resolveImage: async (image) => image,

    async start(order) {
      const { job, key } = order;
      const found = stateOf(job.name);
      if (started.has(key)) return;
      const count = counts.get(job.name) ?? 0;
      counts.set(job.name, count + 1);
      const codes = [found.exits].flat();
      const exitCode = codes[Math.min(count, codes.length - 1)] ?? 0;
      const atMs = clock.now();
      started.set(key, { order, state: found, exitCode, atMs, endedAtMs: undefined });
      onEffect({
        atMs,
        kind: simulatedJobs.kind,
        name: job.name,
        takesMs: found.takes,
        does: 'run',
      });
    },

    async find(key) {
      const one = started.get(key);
      if (one === undefined) return undefined;
      const { order, atMs, state: about, exitCode, endedAtMs } = one;
      stateOf(order.job.name);
      const view = { image: order.image, createdAtMs: atMs, isEnding: endedAtMs !== undefined };
      if (endedAtMs !== undefined) return { ...view, task: undefined };
      const overAtMs = atMs + about.takes;
      const isOver = clock.now() >= overAtMs || about.replies === 'no_image';
      const task = { nodeId: order.nodeId ?? 'manager', problem: '', updatedAtMs: overAtMs };
      if (about.replies === 'no_image') {
        const problem = `No such image: ${order.image}`;
        return { ...view, task: { ...task, problem, state: 'rejected', isOver, exitCode: null } };
      }
      const ended = exitCode === 0 ? 'complete' : 'failed';
      const now = isOver ? { state: ended, exitCode } : { state: 'running', exitCode: null };
      return { ...view, task: { ...task, ...now, isOver } };
    },

    async log(key) {
      const text = started.get(key)?.state.prints ?? '';
      const sha256 = createHash('sha256').update(text).digest('hex');
      return { text, sha256, bytes: Buffer.byteLength(text) };
    },

    async end(key) {
      const one = started.get(key);
      if (one !== undefined) one.endedAtMs ??= clock.now();
    },

    async remove(key) {
      started.delete(key);
    },

    leftovers: async () => [],
    removeLeftover: async () => {},
  };
}

import { z } from 'zod';
import { shortHash } from '../../lib/short-hash.js';
import { formatDuration } from '../../lib/time.js';
import type { Action, Progress } from '../contract/action.js';
import { absent, type Change, type Target, type TargetOf } from '../contract/change.js';
import {
  type Execution,
  inputOfType,
  type JobDefinition,
  type JobValue,
  meaningOf,
} from '../contract/job.js';
import type { LearnedStep, LearnedTargets } from '../contract/learning.js';
import { type OperationOf, operationKind, operationOf } from '../contract/operation.js';
import { refused } from '../contract/refused.js';
import { TargetError } from '../contract/target-error.js';
import type { Swarm } from './client.js';
import type { JobView, SwarmJobs } from './jobs.js';
import type { SwarmNode } from './node-answer.js';
import { nodeTarget } from './node-availability.js';
import type { SwarmNodes } from './nodes.js';
import { observedService, refusedByLabels, type ServiceState } from './service-change.js';

const value = z.union([z.string(), z.number(), z.boolean()]);

const params = z.strictObject({
  job: z.string().describe('The job: its name in jobs.yaml. No expression.'),
  with: z
    .record(z.string(), value)
    .default({})
    .describe('The values of its inputs. They reach the job as environment variables and as JSON.'),
});

/** The parameters of a step, with the job as it was declared when the playbook was loaded. */
type Params = z.output<typeof params> & { readonly definition?: JobDefinition };

/** What decides about starting a job. */
interface State {
  /** With its digest where its registry says it; `null`: the job has no image. */
  readonly image: string | null;
  readonly values: Readonly<Record<string, JobValue>>;
  readonly node: Pick<SwarmNode, 'id' | 'name' | 'state' | 'availability'> | null;
  readonly service: { readonly target: Target; readonly state: ServiceState } | null;
}

type JobTarget = TargetOf<'swarm.job' | 'swarm.node' | 'swarm.service'>;

const name = 'swarm.job';
const started = 'started';

/** One start of a job. */
export const runJob = operationKind({
  kind: 'run',
  schema: z.strictObject({
    kind: z.literal('run'),
    from: z.literal(absent),
    to: z.literal(started),
    job: z.string(),
    image: z.string(),
    values: z.record(z.string(), value),
    /** The id of the node that it has to run on. */
    nodeId: z.string().optional(),
  }),
  describe({ job, values, nodeId }, target) {
    const where = nodeId !== undefined ? ` on ${target}` : target === job ? '' : ` for ${target}`;
    const given = Object.entries(values)
      .filter(([, each]) => String(each) !== target)
      .map(([key, each]) => `${key}=${each}`);
    return `run ${job}${where}${given.length === 0 ? '' : ` with ${given.join(', ')}`}`;
  },
  risk: () => 'What a job does cannot be undone.',
});

/** How long Swarm has to end a job after its grace. */
const endMs = 30_000;

/**
 * `swarm.job`: runs a job of `jobs.yaml` as a service of one task that is never restarted. Its service is
 * named by the run and the attempt, so that no attempt starts twice; it is watched until it ends, ended at its
 * time limit, and removed when its end is recorded.
 */
export function createSwarmJob({
  jobs,
  swarm,
  nodes,
}: {
  readonly jobs: SwarmJobs;
  readonly swarm: Pick<Swarm, 'service'>;
  readonly nodes: Pick<SwarmNodes, 'node' | 'nodes'>;
}): Action<Params, State, JobTarget> {
  async function execution(key: string, view: JobView, job: JobDefinition): Promise<Execution> {
    const { task, image, createdAtMs } = view;
    const log = job.log === 'none' ? null : await jobs.log(key);
    const tookMs = task?.isOver ? Math.max(task.updatedAtMs - createdAtMs, 0) : null;
    const node = task === undefined ? null : await nodeName(task.nodeId);
    return { exitCode: task?.exitCode ?? null, node, image, tookMs, log };
  }

  async function nodeName(id: string): Promise<string | null> {
    return (await nodes.nodes()).find((node) => node.id === id)?.name ?? null;
  }

  return {
    name,
    summary: 'Runs a job of jobs.yaml once, as a container of the Docker Swarm.',
    params,
    jobParam: 'job',
    inputsParam: 'with',
    operations: [runJob],
    learn: (params, change) => learnJob(definitionOf(params), params.with, change),
    convergeWithinMs: (_change, { params }) => definitionOf(params).time_limit,

    async observe(params) {
      const job = definitionOf(params);
      const values: Record<string, JobValue> = { ...params.with };
      const nodeInput = inputOfType(job, 'node');
      const serviceInput = inputOfType(job, 'service');
      const node =
        nodeInput === undefined ? null : await nodes.node(hostOf(String(values[nodeInput])));
      if (node !== null && nodeInput !== undefined) values[nodeInput] = node.name;
      const service =
        serviceInput === undefined
          ? null
          : observedService(await swarm.service(String(values[serviceInput])));
      if (service !== null && serviceInput !== undefined)
        values[serviceInput] = service.target.name;
      const own: JobTarget = { id: `swarm.job/${job.name}`, name: job.name };
      const target: JobTarget = node !== null ? nodeTarget(node) : (service?.target ?? own);
      const image = job.image === undefined ? null : await jobs.resolveImage(job.image);
      return {
        target,
        size: absent,
        unit: 'jobs',
        version: null,
        ...(service !== null && { settings: service.settings }),
        ...(target.id !== own.id && { locks: [slotOf(job, target)] }),
        state: {
          image,
          values,
          node: node && {
            id: node.id,
            name: node.name,
            state: node.state,
            availability: node.availability,
          },
          service: service && { target: service.target, state: service.state },
        },
      };
    },

    plan(params, { target, state: { image, values, node, service } }) {
      const job = definitionOf(params);
      if (image === null) return refused(`job ${job.name} has no image; set it in jobs.yaml`);
      const forbidden =
        service === null ? undefined : refusedByLabels(service.target, service.state);
      if (forbidden !== undefined) return forbidden;
      if (node !== null && (node.state === 'down' || node.availability !== 'active')) {
        const why = node.state === 'down' ? 'down' : `set to ${node.availability}`;
        return refused(`node ${node.name} is ${why} and takes no job`);
      }
      const op: OperationOf<typeof runJob> = {
        kind: 'run',
        from: absent,
        to: started,
        job: job.name,
        image,
        values,
        ...(node !== null && { nodeId: node.id }),
      };
      return { kind: 'change', target, op, version: null };
    },

    planTo: (_params, { target }) => refused(`${target.name}: what a job did cannot be undone`),

    async apply(change, { params, key }) {
      const { image, values, nodeId } = operationOf([runJob], change);
      await jobs.start({ key, job: definitionOf(params), image, values, nodeId });
    },

    async verify(change, { params, key }): Promise<Progress> {
      const { job: jobName } = operationOf([runJob], change);
      const job = definitionOf(params);
      const view = await jobs.find(key);
      if (view === undefined) {
        const detail = `there is no service of job ${jobName}`;
        return { kind: 'differs', observed: absent, detail };
      }
      const { task, isEnding } = view;
      if (task === undefined) {
        if (isEnding) return { kind: 'failed', detail: `job ${jobName} was ended` };
        return { kind: 'converging', detail: `job ${jobName} waits for Swarm` };
      }
      const about = task.problem === '' ? '' : `: ${task.problem}`;
      if (!task.isOver) {
        const node = (await nodes.nodes()).find(({ id }) => id === task.nodeId);
        if (task.nodeId !== '' && (node === undefined || node.state === 'down')) {
          const detail = `job ${jobName} was ${task.state} on node ${node?.name ?? task.nodeId} when Swarm lost the node`;
          return { kind: 'unknown', detail };
        }
        const where = node === undefined ? '' : ` on ${node.name}`;
        const waits = task.state === 'running' ? '' : about;
        return { kind: 'converging', detail: `job ${jobName} is ${task.state}${where}${waits}` };
      }
      const seen = await execution(key, view, job);
      const where = seen.node === null ? '' : ` on ${seen.node}`;
      if (task.exitCode === null || task.state === 'orphaned') {
        const detail = `job ${jobName} did not finish${where} (${task.state})${about}`;
        return { kind: task.state === 'orphaned' ? 'unknown' : 'failed', detail, execution: seen };
      }
      const took = formatDuration(Math.round((seen.tookMs ?? 0) / 1_000) * 1_000);
      const detail = `job ${jobName}${where} ended with exit code ${task.exitCode} after ${took}`;
      const kinds = { done: 'converged', retry: 'later', failed: 'failed' } as const;
      return { kind: kinds[meaningOf(job, task.exitCode)], detail, execution: seen };
    },

    end: {
      withinMs: (_change, { params }) => definitionOf(params).stop.grace + endMs,

      async send(change, { params, key }) {
        operationOf([runJob], change);
        const view = await jobs.find(key);
        if (view === undefined || view.isEnding) return undefined;
        // what is printed before the end can be read only before it
        const seen = await execution(key, view, definitionOf(params));
        if (view.task?.isOver !== true) await jobs.end(key);
        return seen;
      },
    },

    clear: (_change: Change, { key }) => jobs.remove(key),
  };
}

/** @throws TargetError `invalid` where the step knows no definition: an older engine recorded it. */
function definitionOf({ job, definition }: Params): JobDefinition {
  if (definition !== undefined) return definition;
  throw new TargetError('invalid', `the run has no definition of job ${job}`);
}

/** The step that runs a job again with the same values, on the same target. */
function learnJob(job: JobDefinition, values: Params['with'], { target }: Change): LearnedStep {
  const [node, service] = (['node', 'service'] as const).map((type) => {
    const input = inputOfType(job, type);
    return input === undefined ? undefined : String(values[input]);
  });
  const named = node ?? service;
  const effect = { key: 'jobs', name: job.name, does: runJob.kind };
  const targets: LearnedTargets = {
    jobs: { [job.name]: { takes: '10s' } },
    ...(node !== undefined && { nodes: { [hostOf(node)]: {} } }),
    ...(service !== undefined && { services: { [service]: {} } }),
  };
  const where = named === undefined ? '' : ` ${node === undefined ? 'for' : 'on'} ${target.name}`;
  return {
    called: `run ${job.name}${named === undefined ? '' : ` ${target.name}`}`,
    does: `Runs ${job.name}${where}`,
    ...(named !== undefined && { target: named }),
    params: [
      { name: 'job', value: job.name, fixed: true },
      ...(Object.keys(values).length === 0 ? [] : [{ name: 'with', value: values }]),
    ],
    guards: { cooldownMs: 10 * 60_000, limit: '3 per 1h' },
    tests: { before: targets, effect, twice: { targets, effects: [effect, effect] } },
  };
}

/** The host of `host:9100` or `[::1]:9100`, as `instance` has it; a text of another form as it is. */
function hostOf(text: string): string {
  return /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? /^([^:]+):\d+$/.exec(text)?.[1] ?? text;
}

/**
 * What a run locks so that no more than `max_running` use the job at once: one of as many places, chosen by the
 * target, so that the same target always has the same.
 */
function slotOf({ name: job, max_running: count }: JobDefinition, { id }: Target): Target {
  const slot = Number.parseInt(shortHash(id).slice(0, 8), 16) % count;
  const place = slot === 0 ? '' : `/${slot + 1}`;
  return { id: `swarm.job/${job}${place}`, name: job };
}

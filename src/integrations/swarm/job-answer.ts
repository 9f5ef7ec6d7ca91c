import { z } from 'zod';
import { TargetError } from '../contract/target-error.js';
import { textAt } from './json-text.js';

/** A task of a job. */
export interface JobTask {
  /** As Swarm calls it: `preparing`, `running`, `complete`, `failed`, `rejected`, … */
  readonly state: string;
  /** Whether it has ended. */
  readonly isOver: boolean;
  readonly nodeId: string;
  readonly exitCode: number | null;
  /** What Swarm says about it; the empty string: nothing. */
  readonly problem: string;
  readonly updatedAtMs: number;
}

const over = new Set(['complete', 'shutdown', 'failed', 'rejected', 'remove', 'orphaned']);
const time = z.string().transform((text) => Date.parse(text));

const serviceSchema = z.object({
  ID: z.string().min(1),
  Version: z.object({ Index: z.int() }),
  CreatedAt: time,
  Spec: z.object({
    TaskTemplate: z.object({ ContainerSpec: z.object({ Image: z.string() }) }),
    Mode: z.object({ Replicated: z.object({ Replicas: z.int() }) }),
  }),
});

const taskSchema = z.object({
  NodeID: z.string().optional(),
  CreatedAt: time,
  Status: z.object({
    Timestamp: time,
    State: z.string(),
    Err: z.string().optional(),
    Message: z.string().optional(),
    ContainerStatus: z.object({ ExitCode: z.int().optional() }).optional(),
  }),
});

const referredSchema = z.array(
  z.object({
    ID: z.string().min(1),
    CreatedAt: time,
    Spec: z.object({ Name: z.string(), Labels: z.record(z.string(), z.string()).nullish() }),
  }),
);

/** @throws TargetError `unavailable` if it is not what the Engine API describes. */
export function readJobService(text: string) {
  const { ID, Version, CreatedAt, Spec } = read(serviceSchema, json(text), 'a job');
  return {
    id: ID,
    version: Version.Index,
    createdAtMs: CreatedAt,
    image: Spec.TaskTemplate.ContainerSpec.Image,
    replicas: Spec.Mode.Replicated.Replicas,
    specText: textAt(text, ['Spec']) ?? '',
  };
}

/**
 * Reads the tasks of a job: the one that has not ended first, then the latest.
 *
 * @throws TargetError `unavailable` if it is no list of tasks.
 */
export function readJobTasks(answer: unknown): readonly JobTask[] {
  return read(z.array(taskSchema), answer, 'the tasks of a job')
    .map(({ NodeID = '', CreatedAt, Status }) => {
      const { State, Timestamp, Err, Message, ContainerStatus } = Status;
      const isOver = over.has(State);
      // a container that could not be started, or was stopped, may have the code 0 too
      const code = ContainerStatus?.ExitCode ?? 0;
      const exitCode = State === 'complete' ? 0 : isOver && code > 0 ? code : null;
      const task: JobTask = {
        state: State,
        isOver,
        nodeId: NodeID,
        exitCode,
        problem: Err || (isOver ? '' : Message) || '',
        updatedAtMs: Timestamp,
      };
      return { task, CreatedAt };
    })
    .sort((a, b) => Number(a.task.isOver) - Number(b.task.isOver) || b.CreatedAt - a.CreatedAt)
    .map(({ task }) => task);
}

/** @throws TargetError `unavailable` if it is no list of things with names. */
export function readReferred(answer: unknown) {
  return read(referredSchema, answer, 'a list').map(({ ID, CreatedAt, Spec }) => ({
    id: ID,
    name: Spec.Name,
    labels: Spec.Labels ?? {},
    createdAtMs: CreatedAt,
  }));
}

/** @throws TargetError `unavailable` if it names no id. */
export function readCreated(answer: unknown): string {
  const value =
    typeof answer === 'string' || Buffer.isBuffer(answer) ? json(String(answer)) : answer;
  return read(z.object({ ID: z.string().min(1) }), value, 'what was created').ID;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function read<Value>(schema: z.ZodType<Value>, value: unknown, what: string): Value {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const at = result.error.issues[0]?.path.join('.') || 'answer';
  throw new TargetError(
    'unavailable',
    `Docker Swarm: the answer about ${what} has no usable ${at}; check that DOCKER_HOST is a Docker Engine`,
  );
}

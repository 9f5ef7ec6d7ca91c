import type { SwarmNode } from './nodes.js';
import type { Service, Task, UpdateState } from './service.js';
import { stateOf, type TaskContext } from './tasks.js';

const updateMessages: Readonly<Record<UpdateState, string>> = {
  updating: 'update in progress',
  paused: 'update paused due to failure or early termination of task',
  completed: 'update completed',
  rollback_started: 'manually requested rollback',
  rollback_paused: 'rollback paused due to failure or early termination of task',
  rollback_completed: 'rollback completed',
};

/** A service as `GET /services` shows it; what is unset is left out, as in the engine. */
export function serviceView(service: Service): Record<string, unknown> {
  const { previousSpec, updateStatus } = service;
  return {
    ID: service.id,
    Version: { Index: service.version },
    CreatedAt: iso(service.createdAtMs),
    UpdatedAt: iso(service.updatedAtMs),
    Spec: service.spec,
    ...(previousSpec === undefined ? {} : { PreviousSpec: previousSpec }),
    Endpoint: { Spec: {} },
    ...(updateStatus === undefined
      ? {}
      : {
          UpdateStatus: {
            State: updateStatus.state,
            StartedAt: iso(updateStatus.startedAtMs),
            ...(updateStatus.completedAtMs === undefined
              ? {}
              : { CompletedAt: iso(updateStatus.completedAtMs) }),
            Message: updateMessages[updateStatus.state],
          },
        }),
    ...('ReplicatedJob' in service.spec.Mode
      ? {
          JobStatus: {
            JobIteration: unlessZero('Index', service.iteration),
            LastExecution: iso(service.updatedAtMs),
          },
        }
      : {}),
  };
}

/** A task as `GET /tasks` shows it. */
export function taskView(
  service: Service,
  task: Task,
  context: TaskContext,
): Record<string, unknown> {
  const { state, desired, error, sinceMs, exitCode } = stateOf(service, task, context);
  return {
    ID: task.id,
    Version: { Index: task.version },
    CreatedAt: iso(task.createdAtMs),
    UpdatedAt: iso(Math.max(task.updatedAtMs, task.placedAtMs ?? 0)),
    Labels: {},
    Spec: task.template,
    ServiceID: service.id,
    ...unlessZero('Slot', task.slot),
    ...(task.placedAtMs === undefined ? {} : { NodeID: task.nodeId }),
    Status: {
      Timestamp: iso(sinceMs),
      State: state,
      Message: state === 'pending' ? 'pending task scheduling' : state,
      ...(error === undefined ? {} : { Err: error }),
      ...(exitCode === undefined ? {} : { ContainerStatus: { ExitCode: exitCode } }),
      PortStatus: {},
    },
    DesiredState: desired,
    ...('ReplicatedJob' in service.spec.Mode
      ? { JobIteration: unlessZero('Index', task.iteration) }
      : {}),
  };
}

/** A node as `GET /nodes` shows it. */
export function nodeView(node: SwarmNode, isLeader: boolean): Record<string, unknown> {
  return {
    ID: node.id,
    Version: { Index: node.version },
    CreatedAt: iso(node.createdAtMs),
    UpdatedAt: iso(node.updatedAtMs),
    Spec: { Labels: node.labels, Role: node.role, Availability: node.availability },
    Description: {
      Hostname: node.hostname,
      Platform: { Architecture: 'x86_64', OS: 'linux' },
      Resources: { NanoCPUs: 2_000_000_000, MemoryBytes: 8_000_000_000 },
      Engine: { EngineVersion: 'simulated' },
    },
    Status: {
      State: node.state,
      ...(node.state === 'down' ? { Message: 'heartbeat failure' } : {}),
      Addr: node.address,
    },
    ...(node.role === 'manager'
      ? {
          ManagerStatus: {
            ...(isLeader ? { Leader: true } : {}),
            Reachability: 'reachable',
            Addr: `${node.address}:2377`,
          },
        }
      : {}),
  };
}

/** Go's `omitempty`: a zero is left out of the answer. */
function unlessZero(field: string, value: number | undefined): Record<string, number> {
  return value ? { [field]: value } : {};
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}

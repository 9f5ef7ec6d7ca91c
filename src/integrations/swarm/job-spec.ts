import { createHash } from 'node:crypto';
import type { JobDefinition, JobValue } from '../contract/job.js';

/** One start of a job. */
export interface JobOrder {
  /** Names the attempt for good. */
  readonly key: string;
  readonly job: JobDefinition;
  readonly image: string;
  readonly values: Readonly<Record<string, JobValue>>;
  /** The id of the node that it has to run on; left out, any that fits. */
  readonly nodeId?: string | undefined;
}

/** A file that a job gets as a Swarm config of its own. */
export interface JobFile {
  /** The name of the config: it holds the hash of the content, and the attempt. */
  readonly name: string;
  readonly path: string;
  readonly content: string;
}

/** Something of the Swarm that a job refers to, by its name and id. */
export interface Referred {
  readonly id: string;
  readonly name: string;
}

/** The labels by which everything that belongs to a job is found again. */
export const jobLabel = 'jidoka.job';
export const runLabel = 'jidoka.run';

const folder = '/run/jidoka';
const valuesPath = `${folder}/job.json`;
const nsPerMs = 1_000_000;
const temporaryBytes = 64 * 2 ** 20;

/** The name of the service of an attempt: the same however often it is started. */
export function jobServiceName(key: string): string {
  return `jidoka-${key}`;
}

/** The id of the run of an attempt. */
function runOf(key: string): string {
  return key.replace(/-\d+$/, '');
}

/** The labels of all that belongs to an attempt. */
export function jobLabels({ key, job }: Pick<JobOrder, 'key' | 'job'>) {
  return { [jobLabel]: job.name, [runLabel]: runOf(key) };
}

/** The files of an attempt: the values of its inputs as JSON, and the script. */
export function jobFiles({ key, job, values }: JobOrder): readonly JobFile[] {
  const inputs = { job: job.name, run: runOf(key), attempt: key, inputs: values };
  const files = [{ path: valuesPath, content: `${JSON.stringify(inputs, null, 2)}\n` }];
  if (job.script !== undefined) {
    files.push({ path: scriptPath(job.script.file), content: job.script.text });
  }
  return files.map(({ path, content }) => {
    const digest = createHash('sha256').update(content).digest('hex').slice(0, 32);
    return { name: `jidoka-${digest}-${key}`, path, content };
  });
}

function scriptPath(file: string): string {
  return `${folder}/${file.split('/').at(-1)}`;
}

/**
 * The specification of the service that runs a job once. Values of alerts are in its environment only, and
 * never in its command.
 */
export function jobSpec(
  order: JobOrder,
  refers: {
    readonly files: readonly (JobFile & Referred)[];
    readonly secrets: readonly Referred[];
    readonly configs: readonly Referred[];
  },
) {
  const { key, job, image, values, nodeId } = order;
  const { limits, stop } = job;
  return {
    Name: jobServiceName(key),
    Labels: jobLabels(order),
    TaskTemplate: {
      ContainerSpec: {
        Image: image,
        Command: commandOf(job),
        Env: Object.entries({ ...job.env, ...values, ...ownVariables(order) }).map(
          ([name, value]) => `${name}=${literal(String(value))}`,
        ),
        ...(job.user !== undefined && { User: job.user }),
        ReadOnly: job.read_only,
        CapabilityDrop: ['ALL'],
        CapabilityAdd: job.capabilities,
        Privileges: { NoNewPrivileges: true },
        Mounts: mountsOf(job),
        StopSignal: stop.signal,
        StopGracePeriod: stop.grace * nsPerMs,
        Secrets: refers.secrets.map(({ id, name }) => ({
          SecretID: id,
          SecretName: name,
          File: { ...fileAt(name), Mode: 0o400 },
        })),
        Configs: [
          ...refers.files.map(({ id, name, path }) => ({
            ConfigID: id,
            ConfigName: name,
            File: fileAt(path),
          })),
          ...refers.configs.map(({ id, name }) => ({
            ConfigID: id,
            ConfigName: name,
            File: fileAt(`/${name}`),
          })),
        ],
      },
      Resources: {
        Limits: {
          NanoCPUs: Math.round(limits.cpus * 1e9),
          MemoryBytes: limits.memory,
          Pids: limits.pids,
        },
      },
      // a job of Swarm itself may run again after a change of leaders
      RestartPolicy: { Condition: 'none', MaxAttempts: 0 },
      Placement: {
        Constraints: [
          ...job.constraints,
          ...(nodeId === undefined ? [] : [`node.id == ${nodeId}`]),
        ],
      },
      Networks: job.networks.map((name) => ({ Target: name })),
      LogDriver: { Name: 'json-file', Options: { 'max-size': '8m', 'max-file': '1' } },
    },
    Mode: { Replicated: { Replicas: 1 } },
  };
}

function ownVariables({ key, job }: JobOrder) {
  return { JIDOKA_JOB: job.name, JIDOKA_RUN: runOf(key), JIDOKA_CONFIG: valuesPath };
}

/** Swarm reads the environment as Go templates: what would begin one is given as a text in one. */
function literal(value: string): string {
  return value.replaceAll('{{', '{{"{{"}}');
}

/** What runs: the command, the script with the interpreter of its first line, or both. */
function commandOf({ command, script }: JobDefinition): readonly string[] {
  if (script === undefined) return command ?? [];
  const path = scriptPath(script.file);
  if (command !== undefined) return [...command, path];
  const [, interpreter = '/bin/sh'] = /^#![ \t]*([^\r\n]+)/.exec(script.text) ?? [];
  // as the kernel does: one argument at most
  const [, program = '', argument] =
    /^(\S+)(?:[ \t]+(.*\S))?[ \t]*$/.exec(interpreter.trim()) ?? [];
  return [program, ...(argument === undefined ? [] : [argument]), path];
}

function mountsOf({ mounts, read_only, docker_socket }: JobDefinition) {
  const socket = '/var/run/docker.sock';
  return [
    ...mounts.map(({ source, target, read_only: only }) => ({
      Type: 'bind',
      Source: source,
      Target: target,
      ReadOnly: only,
    })),
    ...(docker_socket ? [{ Type: 'bind', Source: socket, Target: socket, ReadOnly: false }] : []),
    ...(read_only
      ? [{ Type: 'tmpfs', Target: '/tmp', TmpfsOptions: { SizeBytes: temporaryBytes } }]
      : []),
  ];
}

function fileAt(path: string) {
  return { Name: path, UID: '0', GID: '0', Mode: 0o444 };
}

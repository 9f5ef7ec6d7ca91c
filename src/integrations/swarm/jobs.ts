import type Docker from 'dockerode';
import { messageOf } from '../../lib/errors.js';
import type { ExecutionLog } from '../contract/job.js';
import { TargetError } from '../contract/target-error.js';
import { neverSent } from '../contract/transport.js';
import { readJson } from './answer.js';
import { createSwarmConnection, type SwarmOptions } from './connection.js';
import { postText, readBytes, readText } from './docker-text.js';
import { statusOf } from './error.js';
import {
  type JobTask,
  readCreated,
  readJobService,
  readJobTasks,
  readReferred,
} from './job-answer.js';
import { keepLog, unframed } from './job-log.js';
import {
  type JobFile,
  type JobOrder,
  jobFiles,
  jobLabel,
  jobLabels,
  jobServiceName,
  jobSpec,
  type Referred,
  runLabel,
} from './job-spec.js';
import { withValueAt } from './json-text.js';
import { registryLogin } from './registry-login.js';

/** A started job as it stands. */
export interface JobView {
  readonly image: string;
  readonly createdAtMs: number;
  /** `true`: its end was asked for. */
  readonly isEnding: boolean;
  /** Its task; `undefined`: there is none yet, or none any more. */
  readonly task: JobTask | undefined;
}

/** What a run has left behind. */
export interface Leftover {
  readonly kind: 'service' | 'config';
  readonly id: string;
  readonly name: string;
  readonly run: string;
  readonly createdAtMs: number;
}

/** Jobs of a Swarm: services that run one task once. Every method throws `TargetError` and nothing else. */
export interface SwarmJobs {
  /** The image with its digest; as it is, where its registry does not say. */
  resolveImage(image: string): Promise<string>;
  /** Starts a job, once: one that was started under this key is left alone. */
  start(order: JobOrder): Promise<void>;
  /** How the job of this key stands; `undefined`: there is none. */
  find(key: string): Promise<JobView | undefined>;
  /** The log of the job of this key, as far as it is kept; `null`: it cannot be read. */
  log(key: string): Promise<ExecutionLog | null>;
  /** Has the job of this key end: its stop signal, then its grace. Nothing where there is none. */
  end(key: string): Promise<void>;
  /** Removes the job of this key with its files. Nothing where there is none. */
  remove(key: string): Promise<void>;
  /** All that belongs to jobs. */
  leftovers(): Promise<readonly Leftover[]>;
  removeLeftover(leftover: Leftover): Promise<void>;
}

/** The query of a list call. */
interface Filtered {
  readonly query: Readonly<Record<string, string>>;
}

const digest = /@sha256:[0-9a-f]{64}$/;

/** Creates a client of a Swarm's jobs. Connects to nothing: the first call does. */
export function createSwarmJobs(
  options: SwarmOptions & {
    /** What must not be in a log that is kept. */
    readonly secrets?: () => readonly string[];
    /** `DOCKER_CONFIG`; left out, Docker's own folder. */
    readonly dockerConfig?: string | undefined;
  },
): SwarmJobs {
  const { call } = createSwarmConnection(options);
  // a registry that does not answer says nothing about the Swarm
  const registry = createSwarmConnection(options);
  const { secrets = () => [], dockerConfig } = options;

  /** Makes a list call with filters. */
  async function list(
    what: string,
    filters: Record<string, readonly string[]>,
    read: (docker: Docker, signal: AbortSignal, more: Filtered) => Promise<Buffer>,
  ): Promise<unknown> {
    const more = { query: { filters: JSON.stringify(filters) } };
    const answer = await call(what, 'read', (docker, signal) => read(docker, signal, more));
    return readJson(answer.toString(), what);
  }
  const secretsBy = (filters: Record<string, readonly string[]>) =>
    list('listing secrets', filters, (docker, signal, more) =>
      readBytes(docker, `/secrets`, signal, more),
    );
  const configsBy = (filters: Record<string, readonly string[]>) =>
    list('listing configs', filters, (docker, signal, more) =>
      readBytes(docker, `/configs`, signal, more),
    );
  const servicesBy = (filters: Record<string, readonly string[]>) =>
    list('listing the services of jobs', filters, (docker, signal, more) =>
      readBytes(docker, `/services`, signal, more),
    );

  async function service(key: string) {
    try {
      const name = jobServiceName(key);
      const text = await call(`reading the job ${name}`, 'read', (docker, signal) =>
        readText(docker, `/services/${name}`, signal),
      );
      return readJobService(text);
    } catch (error) {
      if (error instanceof TargetError && error.kind === 'not_found') return undefined;
      throw error;
    }
  }

  /** The Swarm secrets or configs of these names. */
  async function named(kind: 'secrets' | 'configs', names: readonly string[]): Promise<Referred[]> {
    if (names.length === 0) return [];
    const filters = { name: names };
    const found = readReferred(
      await (kind === 'secrets' ? secretsBy(filters) : configsBy(filters)),
    );
    return names.map((name) => {
      const one = found.find((each) => each.name === name);
      if (one !== undefined) return { id: one.id, name };
      throw new TargetError(
        'invalid',
        `Docker Swarm: there is no ${kind.slice(0, -1)} named "${name}"`,
      );
    });
  }

  /** Creates the config of a file; one of this name is there already where an earlier try came so far. */
  async function create(file: JobFile, labels: Readonly<Record<string, string>>) {
    const body = {
      Name: file.name,
      Labels: labels,
      Data: Buffer.from(file.content).toString('base64'),
    };
    const answer = await call(`creating config ${file.name}`, 'change', async (docker, signal) => {
      try {
        return await postText(docker, '/configs/create', {}, JSON.stringify(body), signal);
      } catch (error) {
        if (statusOf(error) === 409) return undefined;
        throw error;
      }
    });
    if (answer !== undefined) return { ...file, id: readCreated(answer) };
    const [known] = await named('configs', [file.name]);
    return { ...file, id: known?.id ?? '' };
  }

  async function removeAll(kind: 'service' | 'config', id: string): Promise<void> {
    try {
      await call(`removing ${kind} ${id}`, 'change', (docker, abortSignal) =>
        (kind === 'service' ? docker.getService(id) : docker.getConfig(id)).remove({ abortSignal }),
      );
    } catch (error) {
      if (error instanceof TargetError && error.kind === 'not_found') return;
      throw error;
    }
  }

  async function all(filter: string): Promise<Leftover[]> {
    const filters = { label: [filter] };
    const of = async (kind: 'service' | 'config') =>
      readReferred(await (kind === 'service' ? servicesBy(filters) : configsBy(filters))).map(
        ({ id, name, labels, createdAtMs }) => ({
          kind,
          id,
          name,
          run: labels[runLabel] ?? '',
          createdAtMs,
        }),
      );
    // services first: a config that one uses cannot be removed
    return [...(await of('service')), ...(await of('config'))];
  }

  return {
    async resolveImage(image) {
      if (digest.test(image)) return image;
      const login = await registryLogin(image, dockerConfig);
      try {
        const headers = login && { 'X-Registry-Auth': login.header };
        const text = await registry.call(`resolving image ${image}`, 'read', (docker, signal) =>
          readBytes(docker, `/distribution/${image}/json`, signal, { headers }),
        );
        const answer = JSON.parse(text.toString()) as { Descriptor?: { digest?: unknown } };
        const found = answer.Descriptor?.digest;
        return typeof found === 'string' && digest.test(`@${found}`) ? `${image}@${found}` : image;
      } catch (error) {
        // an engine that cannot be reached says nothing about the image
        if (error instanceof TargetError && neverSent(error.cause)) throw error;
        if (error instanceof TargetError || error instanceof SyntaxError) return image;
        throw error;
      }
    },

    async start(order) {
      const { job, image } = order;
      const labels = jobLabels(order);
      const [ownSecrets, ownConfigs] = [
        await named('secrets', job.secrets),
        await named('configs', job.configs),
      ];
      const files: (JobFile & Referred)[] = [];
      for (const file of jobFiles(order)) files.push(await create(file, labels));
      const spec = jobSpec(order, { files, secrets: ownSecrets, configs: ownConfigs });
      const login = await registryLogin(image, dockerConfig);
      const headers = login && { 'X-Registry-Auth': login.header };
      await call(`starting job ${job.name}`, 'change', async (docker, signal) => {
        try {
          await postText(docker, '/services/create', {}, JSON.stringify(spec), signal, headers);
        } catch (error) {
          // started already, by an earlier try or another worker
          if (statusOf(error) !== 409) throw withoutLogin(error, login?.secrets);
        }
      });
    },

    async find(key) {
      const found = await service(key);
      if (found === undefined) return undefined;
      const { id, image, createdAtMs, replicas } = found;
      const tasks = readJobTasks(
        await list(`reading the task of job ${key}`, { service: [id] }, (docker, signal, more) =>
          readBytes(docker, `/tasks`, signal, more),
        ),
      );
      return { image, createdAtMs, isEnding: replicas === 0, task: tasks[0] };
    },

    async log(key) {
      try {
        const name = jobServiceName(key);
        const query = { stdout: 1, stderr: 1, follow: 0 };
        const log = await call(`reading the log of job ${key}`, 'read', (docker, signal) =>
          readBytes(docker, `/services/${name}/logs`, signal, { query }),
        );
        return keepLog(unframed(log), secrets());
      } catch (error) {
        if (error instanceof TargetError) return null;
        throw error;
      }
    },

    async end(key) {
      const found = await service(key);
      if (found === undefined || found.replicas === 0) return;
      const { id, version, specText } = found;
      const wanted = withValueAt(specText, ['Mode', 'Replicated', 'Replicas'], 0);
      await call(`ending job ${key}`, 'change', (docker, signal) =>
        postText(docker, `/services/${id}/update`, { version }, wanted, signal),
      );
    },

    async remove(key) {
      const found = await service(key);
      if (found !== undefined) await removeAll('service', found.id);
      for (const one of await all(jobLabel)) {
        if (one.kind === 'config' && one.name.endsWith(`-${key}`))
          await removeAll('config', one.id);
      }
    },

    leftovers: () => all(jobLabel),
    removeLeftover: ({ kind, id }) => removeAll(kind, id),
  };
}

/** An error without the login that was sent, should the engine repeat it. */
function withoutLogin(error: unknown, secrets: readonly string[] = []): unknown {
  const said = messageOf(error);
  return secrets.some((secret) => said.includes(secret))
    ? new TargetError('unknown', 'Docker Swarm: the answer to the start of a job repeats its login')
    : error;
}

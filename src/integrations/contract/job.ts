/*
 * A job: a container that runs once, as an operator declares it in `jobs.yaml`. A run takes its definition with
 * it, so that what a person approved is what runs.
 */

/** One value that a job takes. */
export type JobInput = {
  /** What the job gets where a step gives nothing; left out, the step has to give it. */
  readonly default?: JobValue | undefined;
  readonly summary?: string | undefined;
} & (
  | {
      readonly type: 'string';
      /** An RE2 expression that has to match all of it. */
      readonly pattern?: string | undefined;
      readonly values?: readonly string[] | undefined;
      readonly max_length: number;
    }
  | {
      readonly type: 'number';
      readonly min?: number | undefined;
      readonly max?: number | undefined;
    }
  | { readonly type: 'boolean' | 'duration' | 'service' | 'node' }
);

/** The value of an input. */
export type JobValue = string | number | boolean;

/** What an exit code means. */
export type ExitMeaning = 'done' | 'retry' | 'failed';

/** A folder of the node that a job sees. */
export interface JobMount {
  readonly source: string;
  readonly target: string;
  readonly read_only: boolean;
}

/** A job as it is declared, with its script. */
export interface JobDefinition {
  readonly name: string;
  readonly summary?: string | undefined;
  /** Left out: not known yet, so it cannot run. */
  readonly image?: string | undefined;
  readonly command?: readonly string[] | undefined;
  /** The script with its text. */
  readonly script?: { readonly file: string; readonly text: string } | undefined;
  readonly env: Readonly<Record<string, string>>;
  readonly inputs: Readonly<Record<string, JobInput>>;
  /** Names of Swarm secrets and Swarm configs. */
  readonly secrets: readonly string[];
  readonly configs: readonly string[];
  readonly networks: readonly string[];
  readonly constraints: readonly string[];
  readonly user?: string | undefined;
  readonly read_only: boolean;
  /** Capabilities besides none. */
  readonly capabilities: readonly string[];
  readonly limits: { readonly cpus: number; readonly memory: number; readonly pids: number };
  /** In milliseconds. */
  readonly time_limit: number;
  readonly stop: { readonly signal: string; readonly grace: number };
  readonly log: 'first_and_last' | 'none';
  /** Exit code → what it means, besides 0 and 75. */
  readonly exit_codes: Readonly<Record<string, ExitMeaning>>;
  readonly max_running: number;
  readonly mounts: readonly JobMount[];
  readonly docker_socket: boolean;
}

/** Declared jobs by their names. */
export type JobSet = ReadonlyMap<string, JobDefinition>;

/** The exit code by which a job asks to be run again later (`EX_TEMPFAIL` of sysexits.h). */
const tryLater = 75;

/** What an exit code of a job means. */
export function meaningOf({ exit_codes }: Pick<JobDefinition, 'exit_codes'>, code: number) {
  const named = exit_codes[String(code)];
  if (named !== undefined) return named;
  if (code === 0) return 'done';
  return code === tryLater ? 'retry' : 'failed';
}

/** The name of the input of this type; a job has at most one of each. */
export function inputOfType(
  { inputs }: Pick<JobDefinition, 'inputs'>,
  type: 'service' | 'node',
): string | undefined {
  return Object.keys(inputs).find((name) => inputs[name]?.type === type);
}

/** What is known of something that ran: the end of an attempt. */
export interface Execution {
  /** `null`: it did not get as far, or the code is not known. */
  readonly exitCode: number | null;
  /** The name of the node. */
  readonly node: string | null;
  /** The image with its digest where that is known. */
  readonly image: string;
  /** From its creation to its end, in milliseconds. */
  readonly tookMs: number | null;
  /** `null`: none is kept. */
  readonly log: ExecutionLog | null;
}

/** The part of a log that is kept. */
export interface ExecutionLog {
  readonly text: string;
  /** SHA-256 of `text`, which the audit trail names. */
  readonly sha256: string;
  /** How many bytes there were in all. */
  readonly bytes: number;
}

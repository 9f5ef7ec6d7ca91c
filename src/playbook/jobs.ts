import type { JobDefinition, JobSet } from '../integrations/contract/job.js';
import type { JobTexts } from './file.js';
import { explainIssues, faultText } from './issue.js';
import { jobsSchema } from './job-schema.js';
import type { Policy } from './policy.js';
import { byPlace, type PlaybookProblem } from './problem.js';
import { readYaml } from './yaml-source.js';

/** No jobs. */
const noJobs: JobSet = new Map();

/** Where Docker's socket is, on every node. */
const socketPaths = ['/var/run/docker.sock', '/run/docker.sock'];

/**
 * Reads `jobs.yaml`: its jobs, with their scripts, and its faults. A file with faults gives no jobs.
 *
 * @param mounts the folders of nodes that the policy allows
 */
export function parseJobs(
  texts: JobTexts | undefined,
  { jobs: { mounts: allowed } }: Pick<Policy, 'jobs'>,
): { readonly jobs: JobSet; readonly problems: readonly PlaybookProblem[] } {
  if (texts === undefined) return { jobs: noJobs, problems: [] };
  const [document, second] = readYaml(texts.file, texts.text);
  if (document === undefined) return { jobs: noJobs, problems: [] };
  if (second !== undefined) {
    const problem = second.problem({ path: [] }, 'expected one YAML document, got a second one');
    return { jobs: noJobs, problems: [problem] };
  }
  if (document.problems.length > 0) return { jobs: noJobs, problems: document.problems };
  const read = jobsSchema.safeParse(document.value);
  if (!read.success) {
    const faults = explainIssues(jobsSchema, read.error.issues, document.value);
    const problems = faults.map((fault) => document.problem(fault, faultText(fault)));
    return { jobs: noJobs, problems: problems.sort(byPlace) };
  }
  const scripts = new Map(texts.scripts.map(({ file, text }) => [file, text]));
  const problems: PlaybookProblem[] = [];
  const jobs = new Map<string, JobDefinition>();
  for (const [name, data] of Object.entries(read.data.jobs)) {
    const place = (...path: readonly (string | number)[]) => ({ path: ['jobs', name, ...path] });
    const { script: file, ...rest } = data;
    const text = file === undefined ? undefined : scripts.get(file);
    if (file !== undefined && text === undefined) {
      const message = `jobs.${name}.script: ${file} cannot be read; expected a file beside ${texts.file}`;
      problems.push(document.problem(place('script'), message));
    }
    for (const [index, { source }] of data.mounts.entries()) {
      const fault = mountFault(source, allowed);
      if (fault === undefined) continue;
      const message = `jobs.${name}.mounts[${index}].source: ${fault}`;
      problems.push(document.problem(place('mounts', index, 'source'), message));
    }
    const script = file === undefined || text === undefined ? undefined : { file, text };
    jobs.set(name, { name, ...rest, ...(script && { script }) });
  }
  return problems.length > 0
    ? { jobs: noJobs, problems: problems.sort(byPlace) }
    : { jobs, problems };
}

/** Why a folder of a node may not be mounted; `undefined`: it may. */
function mountFault(source: string, allowed: readonly string[]): string | undefined {
  const path = normal(source);
  if (socketPaths.some((socket) => isWithin(socket, path))) {
    return `${source} holds the Docker socket; use docker_socket: true if the job needs it`;
  }
  if (allowed.some((folder) => isWithin(path, normal(folder)))) return undefined;
  return `${source} is not among the folders that policy.yaml allows (jobs: mounts:)`;
}

function normal(path: string): string {
  return path.replace(/\/+/g, '/').replace(/(?<=.)\/$/, '');
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`);
}

/** The names of the scripts that a file of jobs names; empty where it cannot be read. */
export function scriptsIn(text: string): readonly string[] {
  const [document] = readYaml('jobs.yaml', text);
  const read = jobsSchema.safeParse(document?.value);
  if (!read.success) return [];
  const names = Object.values(read.data.jobs).flatMap(({ script }) => script ?? []);
  return [...new Set(names)];
}

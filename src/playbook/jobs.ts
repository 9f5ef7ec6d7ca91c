import type { JobDefinition, JobSet } from '../integrations/contract/job.js';
import { compileMapping } from './expression.js';
import type { JobTexts } from './file.js';
import { explainIssues, faultText } from './issue.js';
import type { JobOffer } from './job-offers.js';
import { jobsSchema } from './job-schema.js';
import { inputFaults } from './job-steps.js';
import type { Policy } from './policy.js';
import { byPlace, type PlaybookProblem } from './problem.js';
import { readYaml } from './yaml-source.js';

/** What `jobs.yaml` declares. */
interface DeclaredJobs {
  readonly jobs: JobSet;
  /** The jobs that people are offered, in the order of the file. */
  readonly offers: readonly JobOffer[];
  readonly problems: readonly PlaybookProblem[];
}

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
): DeclaredJobs {
  if (texts === undefined) return without([]);
  const [document, second] = readYaml(texts.file, texts.text);
  if (document === undefined) return without([]);
  if (second !== undefined) {
    const problem = second.problem({ path: [] }, 'expected one YAML document, got a second one');
    return without([problem]);
  }
  if (document.problems.length > 0) return without(document.problems);
  const read = jobsSchema.safeParse(document.value);
  if (!read.success) {
    const faults = explainIssues(jobsSchema, read.error.issues, document.value);
    const problems = faults.map((fault) => document.problem(fault, faultText(fault)));
    return without(problems.sort(byPlace));
  }
  const scripts = new Map(texts.scripts.map(({ file, text }) => [file, text]));
  const problems: PlaybookProblem[] = [];
  const jobs = new Map<string, JobDefinition>();
  const offers: JobOffer[] = [];
  for (const [name, data] of Object.entries(read.data.jobs)) {
    const place = (...path: readonly (string | number)[]) => ({ path: ['jobs', name, ...path] });
    const { script: file, offer, ...rest } = data;
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
    const job: JobDefinition = { name, ...rest, ...(script && { script }) };
    jobs.set(name, job);
    if (offer === undefined) continue;
    const values = compileMapping(offer.with);
    offers.push({ job, match: offer.match, with: values });
    for (const [key, message] of inputFaults(job, values.inner)) {
      const path = key === '' ? ['offer'] : ['offer', 'with', key];
      const at = ['jobs', name, ...path].join('.');
      problems.push(document.problem(place(...path), `${at}: ${message}`));
    }
  }
  return problems.length > 0 ? without(problems.sort(byPlace)) : { jobs, offers, problems };
}

function without(problems: readonly PlaybookProblem[]): DeclaredJobs {
  return { jobs: new Map(), offers: [], problems };
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

import type { JobDefinition, JobSet } from '../integrations/contract/job.js';
import { readJobValue } from '../integrations/contract/job-values.js';
import { InputError } from '../lib/errors.js';
import type { Template } from './expression.js';
import type { ParsedPlaybook } from './parse.js';
import type { Step } from './playbook.js';
import { nearestWord, type PlaybookProblem } from './problem.js';
import { maxDocumentFaults } from './size-limits.js';

/** Playbooks whose steps have the jobs that they name, and the faults of steps that name none or misuse it. */
export interface BoundPlaybooks {
  readonly parsed: readonly ParsedPlaybook[];
  readonly problems: readonly PlaybookProblem[];
}

/** Gives each step that runs a job its definition: the playbook keeps it, whatever `jobs.yaml` says later. */
export function bindJobs(parsed: readonly ParsedPlaybook[], jobs: JobSet): BoundPlaybooks {
  const problems: PlaybookProblem[] = [];
  const bound = parsed.map((one): ParsedPlaybook => {
    const { playbook, document } = one;
    if (!playbook.steps.some(({ action }) => action.jobParam !== undefined)) return one;
    const faults: { readonly path: readonly (string | number)[]; readonly message: string }[] = [];
    const steps = playbook.steps.map((step, index): Step => {
      const { jobParam, inputsParam } = step.action;
      if (jobParam === undefined || inputsParam === undefined) return step;
      const path = ['steps', index, step.action.name];
      const named = step.params[jobParam];
      const name = named?.literal === true ? String(named.source) : undefined;
      if (name === undefined) {
        faults.push({
          path: [...path, jobParam],
          message: 'expected the name of a job: an alert cannot choose it',
        });
        return step;
      }
      const job = jobs.get(name);
      if (job === undefined) {
        const nearest = nearestWord(name, [...jobs.keys()]);
        const advice = nearest === undefined ? '' : `; did you mean "${nearest}"?`;
        faults.push({
          path: [...path, jobParam],
          message: `jobs.yaml has no job "${name}"${advice}`,
        });
        return step;
      }
      for (const [key, message] of inputFaults(job, step.params[inputsParam]?.inner)) {
        faults.push({ path: key === '' ? path : [...path, inputsParam, key], message });
      }
      return { ...step, job };
    });
    for (const { path, message } of faults.slice(0, maxDocumentFaults)) {
      problems.push(document.problem({ path }, `${placeName(path)}: ${message}`));
    }
    return { ...one, playbook: { ...playbook, steps } };
  });
  return { parsed: bound, problems };
}

/** Finds what is wrong with the inputs that are given for a job, by their names; expressions are checked with an alert. */
export function inputFaults(
  { name, inputs }: JobDefinition,
  given: ReadonlyMap<PropertyKey, Template> | undefined,
): [string, string][] {
  const faults: [string, string][] = [];
  for (const [key, template] of given ?? []) {
    const input = Object.hasOwn(inputs, String(key)) ? inputs[String(key)] : undefined;
    if (input === undefined) {
      const known = Object.keys(inputs);
      const nearest = nearestWord(String(key), known);
      const advice =
        nearest === undefined
          ? `; it has ${known.join(', ') || 'none'}`
          : `; did you mean "${nearest}"?`;
      faults.push([String(key), `job ${name} has no input "${String(key)}"${advice}`]);
      continue;
    }
    if (!template.literal) continue;
    try {
      readJobValue(String(key), input, template.source);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      faults.push([String(key), error.message]);
    }
  }
  for (const [key, input] of Object.entries(inputs)) {
    if (input.default !== undefined || given?.has(key) === true) continue;
    faults.push(['', `missing input "${key}" of job ${name}`]);
  }
  return faults;
}

/** `steps[0].swarm.job.with.days` */
function placeName(path: readonly (string | number)[]): string {
  return path.reduce<string>(
    (text, part) =>
      typeof part === 'number' ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`,
    '',
  );
}

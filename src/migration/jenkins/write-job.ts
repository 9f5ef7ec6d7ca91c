import { stringify } from 'yaml';
import {
  isPlainText,
  type JenkinsJob,
  type JenkinsParameter,
  plainText,
  type ShellStep,
} from './jenkins-job.js';

/** A file to write. */
export interface ImportedFile {
  readonly file: string;
  readonly text: string;
}

/** A Jenkins job as files of Jidoka. */
export interface ImportedJob {
  /** Its key in `jobs.yaml`, with its declaration. */
  readonly name: string;
  readonly job: Readonly<Record<string, unknown>>;
  readonly files: readonly ImportedFile[];
}

/** The jobs of the book, which the shipped playbooks do. */
const shipped: Readonly<
  Record<string, { readonly playbook: string; readonly params: readonly string[] }>
> = {
  'service-scale': { playbook: 'jenkins-service-scale', params: ['service', 'scale'] },
  'aws-scale': { playbook: 'jenkins-aws-scale', params: ['scale'] },
};

/** The shipped playbook that does what a job of the book did, with the same parameters. */
export function shippedFor({ name, parameters, steps }: JenkinsJob): string | undefined {
  const known = Object.hasOwn(shipped, name) ? shipped[name] : undefined;
  if (known === undefined) return undefined;
  const names = parameters.map((parameter) => parameter.name);
  const scripts = steps.map(({ script }) => script).join('\n');
  const scales = /docker\s+service\s+scale|autoscaling/.test(scripts);
  return scales && names.every((each) => known.params.includes(each)) ? known.playbook : undefined;
}

/**
 * Makes a job, a playbook and a test of a Jenkins job.
 *
 * @param taken names that other jobs have
 */
export function writeJob(job: JenkinsJob, taken: ReadonlySet<string>): ImportedJob {
  const name = freeName(job.name, taken);
  const script = `${name}.sh`;
  const minutes = job.timeLimit ?? 10;
  const inputs = Object.fromEntries(job.parameters.map((one) => [one.name, inputOf(one)]));
  const declared = {
    summary: oneLine(job.summary) || `The Jenkins job ${oneLine(job.name)}.`,
    ...(job.image !== undefined && { image: job.image }),
    script,
    ...(job.parameters.length > 0 && { inputs }),
    time_limit: `${minutes}m`,
  };
  const playbook = {
    name,
    summary: `Runs the job ${name} for callers of the Jenkins job ${oneLine(job.name)}.`,
    source: 'jenkins',
    match: [`alertname = ${JSON.stringify(addressName(job.name))}`],
    mode: 'approve',
    steps: [
      {
        'swarm.job': {
          job: name,
          ...(job.parameters.length > 0 && {
            with: Object.fromEntries(job.parameters.map((one) => [one.name, expressionOf(one)])),
          }),
        },
      },
    ],
  };
  const labels = {
    command: 'jenkins',
    alertname: addressName(job.name),
    ...Object.fromEntries(job.parameters.map((one) => [one.name, sampleOf(one)])),
  };
  const runs = job.image !== undefined;
  const test = {
    tests: [
      {
        name: runs
          ? 'a person approves a call, and the job runs'
          : 'no job runs before it has an image and a person approves',
        alerts: [{ labels }],
        ...(runs && { people: [{ at: '1m', chooses: 'Approve' }] }),
        expect: [{ at: '2m', effects: runs ? [{ [name]: 'run' }] : [] }],
      },
    ],
    jobs: { [name]: { takes: '5s' } },
  };
  return {
    name,
    job: declared,
    files: [
      { file: script, text: scriptOf(job.steps) },
      { file: `${name}.yaml`, text: stringify(playbook) },
      { file: `${name}.test.yaml`, text: stringify(test) },
    ],
  };
}

function inputOf({ type, fallback, choices, summary }: JenkinsParameter) {
  const about = summary === '' ? {} : { summary: oneLine(summary) };
  if (type === 'boolean') return { type, default: fallback === 'true', ...about };
  if (type === 'choice') return { type: 'string', values: choices, default: fallback, ...about };
  const isPlain = fallback !== undefined && isPlainText(fallback);
  return { type: 'string', pattern: plainText, ...(isPlain && { default: fallback }), ...about };
}

/** The label of the parameter; the default of the job where the call leaves it out. */
function expressionOf(parameter: JenkinsParameter): string {
  const { name } = parameter;
  const { default: fallback } = inputOf(parameter) as { readonly default?: unknown };
  if (fallback === undefined) return `\${{ labels.${name} }}`;
  return `\${{ "${name}" in labels ? labels.${name} : ${JSON.stringify(String(fallback))} }}`;
}

function sampleOf({ type, choices, fallback }: JenkinsParameter): string {
  if (type === 'boolean') return 'true';
  if (type === 'choice') return fallback ?? choices[0] ?? '';
  return 'sample';
}

/** One script of all steps: each by its own interpreter, in a shell of its own, until one fails. */
function scriptOf(steps: readonly ShellStep[]): string {
  const [only] = steps;
  if (steps.length === 1 && only !== undefined) {
    const text = only.script
      .replaceAll('\r\n', '\n')
      .replace(/^\s*\n/, '')
      .replace(/\s*$/, '\n');
    return text.startsWith('#!') ? text : `#!/bin/sh -xe\n${text}`;
  }
  const parts = steps.map(({ script }, index) => {
    const text = script.replaceAll('\r\n', '\n').trim();
    const [, interpreter] = /^#!\s*(.+)\n/.exec(text) ?? [];
    const mark = `JIDOKA_STEP_${index + 1}`;
    return `# step ${index + 1}\n${interpreter ?? '/bin/sh -xe'} <<'${mark}'\n${text}\n${mark}\n`;
  });
  return `#!/bin/sh -e\n${parts.join('')}`;
}

/** The name by which a call names the job: the last part of its address. */
function addressName(name: string): string {
  return name.split('/').at(-1) ?? name;
}

function freeName(name: string, taken: ReadonlySet<string>): string {
  const kebab = name
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 36)
    .replace(/-+$/, '');
  const first = kebab || 'job';
  for (let count = 1; ; count += 1) {
    const candidate = count === 1 ? first : `${first}-${count}`;
    if (!taken.has(candidate)) return candidate;
  }
}

function oneLine(text: string): string {
  return text
    .replace(/<[^>]*>/g, ' ')
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim()
    .slice(0, 200);
}

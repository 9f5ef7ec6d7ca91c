import { stringify } from 'yaml';
import { InputError, messageOf } from '../../lib/errors.js';
import type { JenkinsJob } from './jenkins-job.js';
import { readJenkinsJob } from './read-job.js';
import { type ImportedFile, shippedFor, writeJob } from './write-job.js';

/** A `config.xml` with the name of its job. */
export interface JenkinsFile {
  readonly name: string;
  readonly file: string;
  readonly text: string;
}

/** What an import makes: files, and how many jobs could be imported. */
export interface Imported {
  readonly files: readonly ImportedFile[];
  readonly imported: number;
  readonly left: number;
}

/** Makes jobs, playbooks, tests and a report of Jenkins jobs. Reads and changes nothing else. */
export function importJobs(found: readonly JenkinsFile[]): Imported {
  const jobs: Record<string, unknown> = {};
  const files: ImportedFile[] = [];
  const sections: string[] = [];
  let left = 0;
  for (const { name, file, text } of found) {
    const job = tried(name, file, text);
    if (typeof job === 'string') {
      left += 1;
      sections.push(section(name, file, `Not imported: ${job}.`, []));
      continue;
    }
    const own = shippedFor(job);
    if (own !== undefined) {
      const said = `The shipped playbook \`${own}\` does the same, with the same parameters. Nothing is written.`;
      sections.push(section(name, file, said, job.findings));
      continue;
    }
    if (job.steps.length === 0) {
      left += 1;
      sections.push(section(name, file, 'Not imported: it has no shell step.', job.findings));
      continue;
    }
    const written = writeJob(job, new Set(Object.keys(jobs)));
    jobs[written.name] = written.job;
    files.push(...written.files);
    sections.push(section(name, file, saidOf(written.name, job), job.findings));
  }
  const isAny = Object.keys(jobs).length > 0;
  const report = `# Import from Jenkins\n\n${found.length} jobs were read. ${Object.keys(jobs).length} were written, ${left} could not be.\n\n${sections.join('\n')}`;
  return {
    files: [
      ...(isAny ? [{ file: 'jobs.yaml', text: stringify({ jobs }) }] : []),
      ...files,
      { file: 'report.md', text: report },
    ],
    imported: Object.keys(jobs).length,
    left,
  };
}

function tried(name: string, file: string, text: string): JenkinsJob | string {
  try {
    return readJenkinsJob(name, file, text);
  } catch (error) {
    if (error instanceof InputError) return messageOf(error);
    throw error;
  }
}

function saidOf(name: string, { image, timeLimit, steps }: JenkinsJob): string {
  const lines = [
    `Written: \`${name}.sh\`, \`${name}.yaml\`, \`${name}.test.yaml\`, and \`${name}\` in \`jobs.yaml\`.`,
    image === undefined
      ? `- Set \`jobs.${name}.image\`: an image with the programs of the script. Until then the job cannot run.`
      : `- The image is \`${image}\`, as the pipeline says.`,
    timeLimit === undefined
      ? '- The job had no time limit; `time_limit` is 10m.'
      : `- The time limit is ${timeLimit} minutes, as in Jenkins.`,
    ...(steps.length > 1
      ? [
          `- ${steps.length} steps are one script, each in a shell of its own that reads it as input.`,
        ]
      : []),
    '- The container has no capabilities and a read-only root. Widen that in `jobs.yaml` if the script needs it.',
  ];
  return lines.join('\n');
}

function section(
  name: string,
  file: string,
  said: string,
  findings: JenkinsJob['findings'],
): string {
  const cell = (text: string) => text.replace(/[|\\`<>]/g, '\\$&').replace(/\s+/g, ' ');
  const rows = findings.map(
    ({ line, what, did, use }) => `| ${line} | ${cell(what)} | ${cell(did)} | ${cell(use)} |`,
  );
  const table =
    rows.length === 0
      ? ['Nothing is left over.']
      : ['| Line | What | What it did | Use |', '|---|---|---|---|', ...rows];
  return [`## ${cell(name)}`, '', cell(file), '', said, '', ...table, ''].join('\n');
}

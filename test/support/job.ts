import type { JobDefinition } from '../../src/integrations/contract/job.js';
import { jobsSchema } from '../../src/playbook/job-schema.js';

/** A job as `jobs.yaml` would declare it. */
export function jobOf(name: string, declared: Readonly<Record<string, unknown>>): JobDefinition {
  const { script } = declared as Pick<JobDefinition, 'script'>;
  const file = script && { script: script.file };
  const { jobs } = jobsSchema.parse({ jobs: { [name]: { ...declared, ...file } } });
  const { script: _, ...job } = jobs[name] ?? {};
  return { name, ...job, ...(script && { script }) } as JobDefinition;
}

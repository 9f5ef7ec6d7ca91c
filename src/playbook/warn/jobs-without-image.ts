import type { ParsedPlaybook } from '../parse.js';
import type { PlaybookProblem } from '../problem.js';

/** Steps that run a job whose image is not known yet: it cannot run. */
export function jobsWithoutImage(parsed: readonly ParsedPlaybook[]): PlaybookProblem[] {
  return parsed.flatMap(({ playbook, document }) =>
    playbook.steps.flatMap(({ action, job }, index) => {
      if (job === undefined || job.image !== undefined) return [];
      const path = ['steps', index, action.name, 'job'];
      const message = `job ${job.name} has no image: Jidoka cannot run it; set jobs.${job.name}.image in jobs.yaml`;
      return [document.problem({ path }, message)];
    }),
  );
}

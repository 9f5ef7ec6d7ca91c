/** Something of a Jenkins job that has no equivalent, or that a person has to look at. */
export interface ImportFinding {
  readonly line: number;
  /** What stands there, without any secret. */
  readonly what: string;
  /** What it did in Jenkins. */
  readonly did: string;
  /** What to use instead. */
  readonly use: string;
}

/** A parameter of a Jenkins job, as an input of a job. */
export interface JenkinsParameter {
  readonly name: string;
  readonly type: 'string' | 'boolean' | 'choice';
  readonly fallback: string | undefined;
  readonly choices: readonly string[];
  readonly summary: string;
}

/** A shell step, with the line on which it stands. */
export interface ShellStep {
  readonly script: string;
  readonly line: number;
}

/** A Jenkins job as it was read. */
export interface JenkinsJob {
  /** As its address has it: `folder/job`. */
  readonly name: string;
  readonly file: string;
  readonly kind: string;
  readonly summary: string;
  readonly parameters: readonly JenkinsParameter[];
  readonly steps: readonly ShellStep[];
  /** The image that the job says it runs in. */
  readonly image: string | undefined;
  /** In minutes. */
  readonly timeLimit: number | undefined;
  readonly findings: readonly ImportFinding[];
}

/** Texts that are harmless even in a script that forgets its quotes: the pattern of imported inputs. */
export const plainText = '[A-Za-z0-9._:/@+,=-]*';

/** Whether a text fits that pattern. */
export function isPlainText(text: string): boolean {
  return new RegExp(`^${plainText}$`).test(text);
}

/** The end of the name of a class: `hudson.tasks.Shell` → `Shell`. */
export function classOf(name: string): string {
  return name.split('.').at(-1)?.replaceAll('_-', '$').replaceAll('__', '_') ?? name;
}

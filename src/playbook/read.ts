import { dirname, join, resolve } from 'node:path';
import { InputError, messageOf } from '../lib/errors.js';
import { HangingError, withinDeadline } from '../lib/hanging.js';
import { type At, type JobTexts, readFolder, readRegular, type SourceFile } from './file.js';
import { scriptsIn } from './jobs.js';
import { type PlaybookProblem, wholeFile } from './problem.js';

/** A set of playbooks as it was written: anyone who parses the same texts gets the same set. */
export interface PlaybookTexts {
  readonly files: readonly SourceFile[];
  /** The policy; the empty text where there is none. */
  readonly policy: SourceFile;
  /** `jobs.yaml` beside the policy; left out, there is none. */
  readonly jobs?: JobTexts | undefined;
}

/** What a folder holds at a moment, and what of it could not be read. */
export interface ReadPlaybooks {
  readonly texts: PlaybookTexts;
  readonly problems: readonly PlaybookProblem[];
  /** Set where the file system gave no answer in time; settles when it has answered after all. */
  readonly hanging?: Promise<void>;
}

/**
 * Reads the texts below a folder, and the policy: `policy.yaml` in the folder, which may be missing,
 * or the file that is named, which may not; and `jobs.yaml` beside it, if it is there. Never throws: what cannot be read is a problem. Gives up
 * on a file system that does not answer.
 */
export async function readPlaybooks(
  folder: string,
  policy: string | undefined,
): Promise<ReadPlaybooks> {
  const ownPolicy = join(folder, 'policy.yaml');
  const policyPath = policy ?? ownPolicy;
  const isOwn = resolve(policyPath) === resolve(ownPolicy);
  const policyName = isOwn ? 'policy.yaml' : policyPath;
  try {
    return await withinDeadline((at) => read({ folder, policyPath, policyName, isOwn }, at));
  } catch (error) {
    const problem = wholeFile(folder, `the playbook folder cannot be read: ${messageOf(error)}`);
    return {
      texts: { files: [], policy: { file: policyName, text: '' } },
      problems: [problem],
      ...(error instanceof HangingError ? { hanging: error.settled } : {}),
    };
  }
}

/**
 * Makes a function that reads a folder again and again. While a read hangs it begins no other, so that a
 * file system that hangs takes no more threads, and gives the same problem again.
 */
export function createFolderReader(
  folder: string,
  policy: string | undefined,
): () => Promise<ReadPlaybooks> {
  let hanging: ReadPlaybooks | undefined;
  return async function readAgain() {
    if (hanging !== undefined) return hanging;
    const found = await readPlaybooks(folder, policy);
    if (found.hanging === undefined) return found;
    hanging = found;
    found.hanging.then(() => {
      hanging = undefined;
    });
    return found;
  };
}

interface Places {
  readonly folder: string;
  readonly policyPath: string;
  readonly policyName: string;
  readonly isOwn: boolean;
}

async function read(
  { folder, policyPath, policyName, isOwn }: Places,
  at: At,
): Promise<ReadPlaybooks> {
  const problems: PlaybookProblem[] = [];
  const found = await readOr(readFolder(folder, at), (error) => {
    problems.push(wholeFile(folder, `the playbook folder cannot be read: ${messageOf(error)}`));
    return { files: [], problems: [] };
  });
  const isOther = ({ file }: { readonly file: string }) =>
    file === 'policy.yaml' || file === 'jobs.yaml';
  const text = await readOr(readRegular(policyPath, at), (error) => {
    if (!isOwn || (error as NodeJS.ErrnoException).code !== 'ENOENT') {
      const advice = isOwn ? '' : '; JIDOKA_POLICY names it';
      problems.push(
        wholeFile(policyName, `the policy cannot be read: ${messageOf(error)}${advice}`),
      );
    }
    return '';
  });
  const jobs = await readJobs({ folder, policyPath, policyName, isOwn }, at, problems);
  return {
    texts: {
      files: found.files.filter((file) => !isOther(file)),
      policy: { file: policyName, text },
      ...(jobs && { jobs }),
    },
    problems: [...problems, ...found.problems.filter((problem) => !isOther(problem))],
  };
}

/** Reads the jobs beside the policy, with their scripts; `undefined`: there are none. */
async function readJobs(
  { policyPath, isOwn }: Places,
  at: At,
  problems: PlaybookProblem[],
): Promise<JobTexts | undefined> {
  const folder = dirname(policyPath);
  const path = join(folder, 'jobs.yaml');
  const file = isOwn ? 'jobs.yaml' : path;
  const text = await readOr(readRegular(path, at), (error) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      problems.push(wholeFile(file, `the jobs cannot be read: ${messageOf(error)}`));
    }
    return undefined;
  });
  if (text === undefined) return undefined;
  const scripts: SourceFile[] = [];
  for (const name of scriptsIn(text)) {
    const script = await readOr(readRegular(join(folder, name), at), () => undefined);
    // a script that is missing is a fault of the job that names it
    if (script !== undefined) scripts.push({ file: name, text: script });
  }
  return { file, text, scripts };
}

/**
 * Reads the same where all of it is needed.
 *
 * @throws InputError for a folder or a policy that cannot be read.
 */
export async function readWhole(
  folder: string,
  policy: string | undefined,
): Promise<PlaybookTexts> {
  const { texts, problems } = await readPlaybooks(folder, policy);
  const [problem] = problems;
  if (problem !== undefined) throw new InputError(problem.message, problem.file);
  return texts;
}

async function readOr<T, U>(reading: Promise<T>, otherwise: (error: unknown) => U): Promise<T | U> {
  try {
    return await reading;
  } catch (error) {
    return otherwise(error);
  }
}

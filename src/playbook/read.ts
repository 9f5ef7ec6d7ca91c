import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { InputError, messageOf } from '../errors.js';
import { readFolder, type SourceFile } from './file.js';
import { type PlaybookProblem, wholeFile } from './problem.js';

/** A set of playbooks as it was written: whoever parses the same texts gets the same set. */
export interface PlaybookTexts {
  readonly files: readonly SourceFile[];
  /** The policy; the empty text where there is none. */
  readonly policy: SourceFile;
}

/**
 * Reads the texts below a folder, and the policy: `policy.yaml` in the folder, which may be missing,
 * or the file that is named, which may not. Never throws: what cannot be read is a problem.
 */
export async function readPlaybooks(
  folder: string,
  policy: string | undefined,
): Promise<{ readonly texts: PlaybookTexts; readonly problems: readonly PlaybookProblem[] }> {
  const problems: PlaybookProblem[] = [];
  const ownPolicy = join(folder, 'policy.yaml');
  const policyPath = policy ?? ownPolicy;
  const files = await readOr(readFolder(folder), (error) => {
    problems.push(wholeFile(folder, `the playbook folder cannot be read: ${messageOf(error)}`));
    return [] as SourceFile[];
  });
  const isOwn = resolve(policyPath) === resolve(ownPolicy);
  const policyName = isOwn ? 'policy.yaml' : policyPath;
  const policyText = await readOr(readFile(policyPath, 'utf8'), (error) => {
    if (!isOwn || (error as NodeJS.ErrnoException).code !== 'ENOENT') {
      const advice = isOwn ? '' : '; JIDOKA_POLICY names it';
      problems.push(
        wholeFile(policyName, `the policy cannot be read: ${messageOf(error)}${advice}`),
      );
    }
    return '';
  });
  return {
    texts: {
      files: files.filter(({ file }) => file !== 'policy.yaml'),
      policy: { file: policyName, text: policyText },
    },
    problems,
  };
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

async function readOr<T>(reading: Promise<T>, otherwise: (error: unknown) => T): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    return otherwise(error);
  }
}

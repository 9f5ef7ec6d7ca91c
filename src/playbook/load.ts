import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { AnyAction } from '../action/action.js';
import { messageOf } from '../errors.js';
import { readFolder, type SourceFile } from './file.js';
import { createPlaybookParser, type ParsedPlaybook } from './parse.js';
import type { Playbook } from './playbook.js';
import { defaultPolicy, type Policy, parsePolicy } from './policy.js';
import type { PlaybookProblem } from './problem.js';

/** What a playbook folder holds. Only a set without problems should ever become the active one. */
export interface LoadedPlaybooks {
  /** The playbooks without faults, in the order in which they are tried. */
  readonly playbooks: readonly Playbook[];
  /** The same, with the documents that they stand in. */
  readonly parsed: readonly ParsedPlaybook[];
  /** The files as they were read, the policy among them if it was. */
  readonly files: readonly SourceFile[];
  /** The default policy where there is no `policy.yaml`, or where it has faults. */
  readonly policy: Policy;
  /** Every fault of every file, in the order of files and lines. */
  readonly problems: readonly PlaybookProblem[];
  /** SHA-256 over all files and the policy, 64 hex digits: the name of this set. */
  readonly hash: string;
}

/**
 * Loads all playbooks below a folder, and the policy: `policy.yaml` in the folder, which may be
 * missing, or the file that is named, which may not. Never throws: what cannot be read is a problem.
 */
export async function loadPlaybooks(
  folder: string,
  options: { readonly actions: ReadonlyMap<string, AnyAction>; readonly policy?: string },
): Promise<LoadedPlaybooks> {
  const parse = createPlaybookParser(options.actions);
  const problems: PlaybookProblem[] = [];
  // Runs, limits and links go by the name, so there is one playbook of each.
  const playbooks = new Map<string, ParsedPlaybook>();
  const ownPolicy = join(folder, 'policy.yaml');
  const policyPath = options.policy ?? ownPolicy;
  const hash = createHash('sha256');

  const files = await readOr(readFolder(folder), (error) => {
    problems.push(wholeFile(folder, `the playbook folder cannot be read: ${messageOf(error)}`));
    return [] as SourceFile[];
  });
  for (const { file, text } of files) {
    if (file === 'policy.yaml') continue;
    hash.update(JSON.stringify([file, text]));
    const found = parse(file, text);
    problems.push(...found.problems);
    for (const each of found.parsed) {
      const { name } = each.playbook;
      const other = playbooks.get(name)?.playbook.file;
      if (other === undefined) {
        playbooks.set(name, each);
        continue;
      }
      const message = `name: ${other} has a playbook of this name already`;
      problems.push(each.document.problem({ path: ['name'] }, message));
    }
  }

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
  hash.update(JSON.stringify(policyText));
  const policy = parsePolicy(policyName, policyText);
  problems.push(...policy.problems);
  for (const { name, playbooks: held = [] } of policy.policy?.windows ?? []) {
    for (const unknown of held.filter((each) => !playbooks.has(each))) {
      const message = `windows: ${name} is for the playbook ${unknown}, which there is not`;
      problems.push(wholeFile(policyName, message));
    }
  }

  return {
    playbooks: [...playbooks.values()].map(({ playbook }) => playbook),
    parsed: [...playbooks.values()],
    files: isOwn ? files : [...files, { file: policyName, text: policyText }],
    policy: policy.policy ?? defaultPolicy,
    problems,
    hash: hash.digest('hex'),
  };
}

async function readOr<T>(reading: Promise<T>, otherwise: (error: unknown) => T): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    return otherwise(error);
  }
}

function wholeFile(file: string, message: string): PlaybookProblem {
  return { file, line: 1, column: 1, message };
}

import { dirname, join, relative, sep } from 'node:path';
import { createOfflineRegistry } from '../../integrations/offline-registry.js';
import { loadPlaybooks } from '../../playbook/load.js';
import { byPlace, type PlaybookProblem } from '../../playbook/problem.js';
import { findWarnings } from '../../playbook/warn/warnings.js';
import { isBelow, isFolder } from '../folder.js';
import { UsageError } from '../usage-error.js';

/** An error is what the engine refuses; a warning is what it takes but hardly means what was meant. */
export type Severity = 'error' | 'warning';

/** Something that is wrong with a playbook, and the line on which it stands. */
export interface Finding extends PlaybookProblem {
  readonly severity: Severity;
  /** The whole line, without its end; `undefined` where the file could not be read. */
  readonly source: string | undefined;
}

/** What was found in how many files. */
export interface Checked {
  readonly files: number;
  readonly findings: readonly Finding[];
}

/** What to check, and in the light of what. */
export interface CheckOptions {
  /** Folders, or single files. */
  readonly paths: readonly string[];
  /** The folder of the playbooks in use: a file below it is checked together with all of it. */
  readonly folder: string;
  /** The policy's file; `undefined` for `policy.yaml` in each folder. */
  readonly policy: string | undefined;
}

/**
 * Checks playbooks: each folder as one set, a single file as a part of the folder that it is in.
 *
 * @throws UsageError for a path that cannot be read or holds no playbooks.
 */
export async function checkPaths({ paths, folder, policy }: CheckOptions): Promise<Checked> {
  /** Folder → the files in it that were asked for; `undefined` for all of them. */
  const wanted = new Map<string, Set<string> | undefined>();
  for (const path of paths) {
    if (await isFolder(path)) {
      wanted.set(path, undefined);
      continue;
    }
    const root = isBelow(folder, path) ? folder : dirname(path);
    const files = wanted.has(root) ? wanted.get(root) : new Set<string>();
    files?.add(relative(root, path).split(sep).join('/'));
    wanted.set(root, files);
  }
  const all: Checked[] = [];
  for (const [root, files] of wanted) all.push(await checkFolder(root, files, policy));
  return {
    files: all.reduce((sum, { files }) => sum + files, 0),
    findings: all.flatMap(({ findings }) => findings),
  };
}

async function checkFolder(
  folder: string,
  only: ReadonlySet<string> | undefined,
  policy: string | undefined,
): Promise<Checked> {
  const actions = createOfflineRegistry();
  const loaded = await loadPlaybooks(folder, {
    actions,
    ...(policy !== undefined && { policy }),
  });
  const texts = new Map(loaded.files.map(({ file, text }) => [file, text]));
  for (const file of only ?? []) {
    if (texts.has(file)) continue;
    const expected =
      'expected a name that ends in .yaml or .yml, begins with no dot and is no test';
    throw new UsageError(`${join(folder, file)} is not read as a playbook: ${expected}`);
  }
  if (texts.size === 0 && loaded.problems.length === 0) {
    throw new UsageError(
      `${folder} holds no playbooks: expected files whose names end in .yaml or .yml`,
    );
  }
  const order = new Map([...texts.keys()].map((file, index) => [file, index]));
  const placeOf = ({ file }: PlaybookProblem) => order.get(file) ?? -1;
  const withSeverity = (severity: Severity) => (problem: PlaybookProblem) => ({
    ...problem,
    severity,
  });
  const findings = [
    ...loaded.problems.map(withSeverity('error')),
    ...findWarnings(loaded).map(withSeverity('warning')),
  ]
    .filter(({ file }) => only === undefined || only.has(file) || !texts.has(file))
    .sort((a, b) => placeOf(a) - placeOf(b) || byPlace(a, b))
    .map((problem) => ({
      ...problem,
      file:
        texts.has(problem.file) && problem.file !== policy
          ? join(folder, problem.file)
          : problem.file,
      source: texts.get(problem.file)?.split(/\r?\n/)[problem.line - 1],
    }));
  return { files: only?.size ?? texts.size, findings };
}

import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import type { ActivePlaybooks } from '../../engine/context/context.js';
import { createOfflineRegistry } from '../../integrations/offline-registry.js';
import { withinDeadline } from '../../lib/hanging.js';
import { isTest, readTests, type SourceFile } from '../../playbook/file.js';
import { createLibrary } from '../../playbook/library.js';
import { type LoadedPlaybooks, loadPlaybooks } from '../../playbook/load.js';
import { toPolicy } from '../../playbook/policy.js';
import type { PlaybookProblem } from '../../playbook/problem.js';
import { parseTests } from '../../playbook/test/parse.js';
import { runTest, type TestResult } from '../../simulation/playbook-test/run-test.js';
import type { Finding } from '../check/findings.js';
import { isBelow, isFolder } from '../folder.js';
import { UsageError } from '../usage-error.js';

/** What came of a file of tests. */
export interface FileResult {
  readonly file: string;
  /** Why it could not be run; empty: it was. */
  readonly findings: readonly Finding[];
  readonly results: readonly PlacedResult[];
}

/** A result whose differences know the line on which the expectation stands. */
export interface PlacedResult extends TestResult {
  readonly lines: readonly number[];
}

/** Which tests to run. */
export interface RunOptions {
  /** Folders of playbooks, or single files of tests. */
  readonly paths: readonly string[];
  /** The folder of the playbooks in use: a test below it is run with all of them. */
  readonly folder: string;
  /** The policy's file; `undefined` for `policy.yaml` in each folder. */
  readonly policy: string | undefined;
  /** Only tests whose name contains this. */
  readonly only: string;
}

/**
 * Runs tests of playbooks, each with all playbooks of its folder.
 *
 * @throws UsageError for a path that cannot be read or holds no tests.
 */
export async function runFiles({ paths, folder, policy, only }: RunOptions): Promise<FileResult[]> {
  const results: FileResult[] = [];
  for (const path of paths) {
    const isWhole = await isFolder(path);
    const root = isWhole ? path : isBelow(folder, path) ? folder : dirname(path);
    const wanted = relative(root, path).split(sep).join('/');
    if (!isWhole && !isTest(basename(path))) {
      const expected = 'expected a folder, or a file whose name ends in .test.yaml';
      throw new UsageError(`${path} holds no tests of playbooks: ${expected}`);
    }
    const found = await withinDeadline((at) => readTests(root, at));
    const isMeant = ({ file }: { readonly file: string }) => isWhole || file === wanted;
    const files = found.files.filter(isMeant);
    const unread = found.problems.filter(isMeant);
    if (files.length + unread.length === 0) {
      const expected = 'expected files whose names end in .test.yaml';
      throw new UsageError(`${path} holds no tests of playbooks: ${expected}`);
    }
    for (const problem of unread) {
      const file = join(root, problem.file);
      const finding: Finding = { ...problem, file, severity: 'error', source: undefined };
      results.push({ file, findings: [finding], results: [] });
    }
    for (const file of files) results.push(await runFile(root, file, policy, only));
  }
  return results.filter((file) => file.findings.length + file.results.length > 0);
}

async function runFile(
  root: string,
  { file, text }: SourceFile,
  policy: string | undefined,
  only: string,
): Promise<FileResult> {
  const path = join(root, file);
  const source = (line: number) => text.split(/\r?\n/)[line - 1];
  const asFinding = (problem: PlaybookProblem): Finding => ({
    ...problem,
    severity: 'error',
    source: problem.file === path ? source(problem.line) : undefined,
  });
  const loaded = await load(root, policy);
  const { parsed, problems } = parseTests(
    path,
    text,
    loaded.playbooks.map(({ name }) => name),
  );
  if (parsed === undefined || loaded.problems.length > 0) {
    const broken = loaded.problems.map((problem) => ({
      ...problem,
      file: problem.file === policy ? problem.file : join(root, problem.file),
    }));
    return { file: path, findings: [...broken, ...problems].map(asFinding), results: [] };
  }
  const { tests, document } = parsed;
  const active: ActivePlaybooks = {
    library: createLibrary(loaded.playbooks),
    policy: tests.policy === undefined ? loaded.policy : toPolicy(tests.policy),
    hash: loaded.hash,
    jobOffers: loaded.jobOffers,
  };
  const results: PlacedResult[] = [];
  for (const [index, { name }] of tests.tests.entries()) {
    if (!name.includes(only)) continue;
    const result = await runTest(index, tests, active);
    const lines = result.differences.map(({ place }) => {
      return document.problem({ path: ['tests', index, ...place], onKey: true }, '').line;
    });
    results.push({ ...result, lines });
  }
  return { file: path, findings: [], results };
}

const loading = new Map<string, Promise<LoadedPlaybooks>>();

/** Each set of playbooks is loaded once, however many files test it. */
function load(root: string, policy: string | undefined): Promise<LoadedPlaybooks> {
  const key = JSON.stringify([resolve(root), policy]);
  const known = loading.get(key);
  if (known !== undefined) return known;
  const actions = createOfflineRegistry();
  const loaded = loadPlaybooks(root, { actions, ...(policy !== undefined && { policy }) });
  loading.set(key, loaded);
  return loaded;
}

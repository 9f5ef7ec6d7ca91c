import { createHash } from 'node:crypto';
import type { AnyAction } from '../integrations/contract/action.js';
import type { JobSet } from '../integrations/contract/job.js';
import { allAtOnce, type Steps } from '../lib/steps.js';
import { callsElsewhere } from './calls.js';
import type { SourceFile } from './file.js';
import { createJobOffers, type JobOffers } from './job-offers.js';
import { bindJobs } from './job-steps.js';
import { parseJobs } from './jobs.js';
import { createPlaybookParser, type ParsedPlaybook, type PlaybookParser } from './parse.js';
import type { Playbook } from './playbook.js';
import { defaultPolicy, type Policy, parsePolicy } from './policy.js';
import { nearestWord, type PlaybookProblem, wholeFile } from './problem.js';
import { type PlaybookTexts, readPlaybooks } from './read.js';
import { maxDocumentFaults, maxFolderFaults } from './size-limits.js';

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
  /** The jobs that `jobs.yaml` beside the policy declares; none where it has faults. */
  readonly jobs: JobSet;
  /** The jobs that people are offered for alerts. */
  readonly jobOffers: JobOffers;
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
  const { texts, problems } = await readPlaybooks(folder, options.policy);
  const loaded = parsePlaybookTexts(texts, options.actions);
  return { ...loaded, problems: [...problems, ...loaded.problems] };
}

/** Parses a set of playbooks. Never throws. */
export function parsePlaybookTexts(
  texts: PlaybookTexts,
  actions: ReadonlyMap<string, AnyAction>,
): LoadedPlaybooks {
  return allAtOnce(parseFileByFile(texts, createPlaybookParser(actions)));
}

/**
 * The same, one document a step: other work may be done in between.
 *
 * @param parse may remember files that it has parsed before
 */
export function* parseFileByFile(
  texts: PlaybookTexts,
  parse: PlaybookParser,
): Steps<LoadedPlaybooks> {
  const problems: PlaybookProblem[] = [];
  // Runs, limits and links go by the name, so there is one playbook of each.
  const playbooks = new Map<string, ParsedPlaybook>();
  const hash = createHash('sha256');

  for (const { file, text } of texts.files) {
    hash.update(JSON.stringify([file, text]));
    if (problems.length >= maxFolderFaults) continue;
    const found = yield* parse(file, text);
    problems.push(...found.problems);
    if (problems.length >= maxFolderFaults) {
      problems.push(
        wholeFile('.', `too many errors: Jidoka did not check the files after ${file}`),
      );
    }
    for (const each of found.parsed) {
      const { name } = each.playbook;
      const other = playbooks.get(name)?.playbook.file;
      if (other === undefined) {
        playbooks.set(name, each);
        continue;
      }
      const message = `name: duplicate; ${other} already has a playbook with this name`;
      problems.push(each.document.problem({ path: ['name'] }, message));
    }
    yield;
  }

  yield;
  // the name of a playbook with faults may be meant
  const allRead = problems.length === 0;
  const { file: policyName, text: policyText } = texts.policy;
  hash.update(JSON.stringify(policyText));
  if (texts.jobs !== undefined) hash.update(JSON.stringify(texts.jobs));
  const policy = parsePolicy(policyName, policyText);
  problems.push(...policy.problems);
  if (allRead) problems.push(...unknownInWindows(policy, [...playbooks.keys()]));
  // a policy with faults may allow what seems to be missing
  if (policy.policy !== undefined) {
    problems.push(...callsElsewhere([...playbooks.values()], policy.policy));
  }

  yield;
  const declared = parseJobs(texts.jobs, policy.policy ?? defaultPolicy);
  // a policy with faults may allow what seems to be missing
  if (policy.policy !== undefined) problems.push(...declared.problems);
  const bound = bindJobs([...playbooks.values()], declared.jobs);
  // a file of jobs with faults may declare what seems to be missing
  if (declared.problems.length === 0) problems.push(...bound.problems);

  yield;
  const { parsed } = bound;
  return {
    playbooks: parsed.map(({ playbook }) => playbook),
    parsed,
    files: [
      ...texts.files,
      ...(policyText === '' ? [] : [texts.policy]),
      ...(texts.jobs === undefined ? [] : [texts.jobs]),
    ],
    jobs: declared.jobs,
    jobOffers: createJobOffers(declared.offers),
    policy: policy.policy ?? defaultPolicy,
    problems,
    hash: hash.digest('hex'),
  };
}

/** Finds the faults of each file and of the policy, and none that lie between them. Never throws. */
export function findFaults(
  texts: PlaybookTexts,
  actions: ReadonlyMap<string, AnyAction>,
): readonly PlaybookProblem[] {
  const parse = createPlaybookParser(actions);
  const problems: PlaybookProblem[] = [];
  for (const { file, text } of texts.files) {
    if (problems.length >= maxFolderFaults) return problems;
    problems.push(...allAtOnce(parse(file, text)).problems);
  }
  const policy = parsePolicy(texts.policy.file, texts.policy.text);
  return [
    ...problems,
    ...policy.problems,
    ...parseJobs(texts.jobs, policy.policy ?? defaultPolicy).problems,
  ];
}

/** Playbooks that there are not, for which windows of the policy are. */
function unknownInWindows(
  { policy, document }: ReturnType<typeof parsePolicy>,
  known: readonly string[],
): PlaybookProblem[] {
  const all = new Set(known);
  const names = (policy?.windows ?? []).flatMap(({ playbooks = [] }, window) =>
    playbooks.map((name, index) => ({ name, window, index })),
  );
  return names
    .filter(({ name }) => !all.has(name))
    .slice(0, maxDocumentFaults)
    .flatMap(({ name, window, index }) => {
      const nearest = nearestWord(name, known);
      const advice = nearest === undefined ? '' : `; did you mean "${nearest}"?`;
      const message = `windows[${window}].playbooks[${index}]: no playbook is named "${name}"${advice}`;
      return document?.problem({ path: ['windows', window, 'playbooks', index] }, message) ?? [];
    });
}

import type { ActivePlaybooks } from '../engine/context/context.js';
import type { AnyAction } from '../integrations/contract/action.js';
import { createLibrary } from '../playbook/library.js';
import { parsePlaybookTexts } from '../playbook/load.js';
import { formatProblem } from '../playbook/problem.js';
import type { PlaybookTexts } from '../playbook/read.js';
import { parseTests } from '../playbook/test/parse.js';
import { findWarnings } from '../playbook/warn/warnings.js';
import { runTest } from '../simulation/playbook-test/run-test.js';
import { type DraftedFor, takerOf } from './taker.js';

/** A draft as files beside the others. */
export interface DraftFiles {
  readonly name: string;
  readonly file: string;
  readonly text: string;
  readonly testFile: string;
  readonly testText: string;
}

/** The texts of a folder as they would be with one more file. */
export function withFile(
  { files, ...others }: PlaybookTexts,
  added: { readonly file: string; readonly text: string },
): PlaybookTexts {
  const sorted = [...files, added].sort((a, b) => (a.file < b.file ? -1 : 1));
  return { files: sorted, ...others };
}

/** The playbooks of a folder that can be used, whatever is wrong with the others. */
export function usableSet(
  texts: PlaybookTexts,
  actions: ReadonlyMap<string, AnyAction>,
): ActivePlaybooks & { readonly problems: readonly string[] } {
  const { playbooks, policy, hash, problems } = parsePlaybookTexts(texts, actions);
  return { library: createLibrary(playbooks), policy, hash, problems: problems.map(formatProblem) };
}

/**
 * Tries a draft among the playbooks of its folder: whether they can be loaded together, whether it gets
 * the alert that it was made from, and whether its tests pass. Gives back what is in the way, in
 * sentences; empty: nothing is.
 */
export async function checkDraft(
  draft: DraftFiles,
  texts: PlaybookTexts,
  actions: ReadonlyMap<string, AnyAction>,
  about: DraftedFor,
): Promise<readonly string[]> {
  const whole = withFile(texts, draft);
  const loaded = parsePlaybookTexts(whole, actions);
  if (loaded.problems.length > 0) return loaded.problems.map(formatProblem);
  const set = { ...loaded, library: createLibrary(loaded.playbooks) };
  const said: string[] = [];
  const taker = takerOf(set, about);
  if (taker !== draft.name) {
    const file = set.library.named(taker ?? '')?.file;
    said.push(
      taker === null
        ? 'it does not match the alert that it was made from'
        : `${taker} (${file}) comes first and takes the alert that it was made from`,
    );
  }
  const others = findWarnings(loaded).filter(({ file }) => file === draft.file);
  said.push(...others.map(formatProblem));
  return [...said, ...(await failedTests(draft, set))];
}

async function failedTests(
  { testFile, testText }: DraftFiles,
  set: ActivePlaybooks,
): Promise<readonly string[]> {
  const names = set.library.playbooks.map(({ name }) => name);
  const { parsed, problems } = parseTests(testFile, testText, names);
  if (parsed === undefined) return problems.map(formatProblem);
  const said: string[] = [];
  for (const index of parsed.tests.tests.keys()) {
    const { name, differences } = await runTest(index, parsed.tests, set);
    const [first] = differences;
    if (first === undefined) continue;
    said.push(
      `its test "${name}" does not pass among the other playbooks: ${first.what}: ${first.lines.join(', ')}`,
    );
  }
  return said;
}

import type { Labels } from '../alertmanager/alert.js';
import type { AnyAction } from '../integrations/contract/action.js';
import type { Escalation } from '../ledger/escalation.js';
import type { SuggestionDraft } from '../ledger/playbook-suggestion.js';
import type { Run } from '../ledger/run.js';
import type { PlaybookTexts } from '../playbook/read.js';
import { checkDraft, type DraftFiles, usableSet, withFile } from './check-draft.js';
import { draftName } from './draft-name.js';
import { draftPlaybook } from './draft-playbook.js';
import { draftTests } from './draft-tests.js';
import { type Learned, labelsOf, learnedFrom, namesWorkers } from './learned.js';
import { type StableLabels, stableLabels } from './stable-labels.js';
import { type DraftedFor, takerOf } from './taker.js';

/** What a lesson is drafted from. */
export interface LessonParts {
  /** The run that a person started, and that helped. */
  readonly run: Run;
  /** The question that the person answered. */
  readonly question: Pick<Escalation, 'id' | 'reason' | 'annotations'>;
  /** The labels of other alerts of the same name to which people gave the same answer. */
  readonly similar: readonly Labels[];
  /** The folder as it is. */
  readonly texts: PlaybookTexts;
  readonly actions: ReadonlyMap<string, AnyAction>;
  readonly workerAsg: string;
}

const defaultFolder = 'learned';
/** Comes before any that people are likely to have: for what another playbook took, and could not act on. */
const earlyFolder = '0-learned';

/**
 * Drafts a playbook and its tests from what a person did, and tries both among the playbooks of the
 * folder. Changes nothing. `null` where nothing can be learned from the run.
 */
export async function draftSuggestion(parts: LessonParts): Promise<SuggestionDraft | null> {
  const { run, question, texts, actions, workerAsg } = parts;
  const learned = learnedFrom(run, parts);
  if (learned === null) return null;
  const about = { labels: run.labels, annotations: question.annotations, workerAsg };
  const set = usableSet(texts, actions);
  const stable = stableLabels({
    labels: run.labels,
    ignored: new Set(set.policy.ignoredLabels),
    always: new Set(['alertname', ...labelsOf(learned)]),
    others: parts.similar,
  });
  const taken = new Set([
    ...set.library.playbooks.map(({ name }) => name),
    ...texts.files.map(({ file }) => /([^/]+)\.ya?ml$/.exec(file)?.[1] ?? ''),
  ]);
  const name = draftName(run.labels.alertname ?? '', learned.called, taken);
  const text = textOf(parts, learned, stable, name, set.policy.escalate.channel);
  const isTaken = takerOf(set, about) !== null;
  const folder = isTaken && question.reason === 'no_bounds' ? earlyFolder : defaultFolder;
  const draft = withTests(parts, learned, stable, { name, text, folder }, about);
  const warnings = await checkDraft(draft, texts, actions, about);
  const notes = stable.leftOut.map((why) => `Left out of its matchers: ${why}.`);
  return { ...draft, notes, warnings, trial: null };
}

function textOf(
  { run, question }: LessonParts,
  learned: Learned,
  { kept }: StableLabels,
  name: string,
  defaultChannel: string | undefined,
): string {
  const { owner, team } = run.labels;
  return draftPlaybook({
    name,
    learned,
    match: kept,
    owner: owner || team || undefined,
    channel: run.channel === defaultChannel ? undefined : run.channel,
    by: whoDid(run),
    escalationId: question.id,
    helpedAtMs: run.endedAtMs ?? run.createdAtMs,
  });
}

function withTests(
  { run, texts, actions }: LessonParts,
  learned: Learned,
  { kept }: StableLabels,
  { name, text, folder }: { readonly name: string; readonly text: string; readonly folder: string },
  about: DraftedFor,
): DraftFiles {
  const file = `${folder}/${name}.yaml`;
  const set = usableSet(withFile(texts, { file, text }), actions);
  const testText = draftTests({
    name,
    learned,
    labels: run.labels,
    match: kept,
    by: whoDid(run),
    helpedAtMs: run.endedAtMs ?? run.createdAtMs,
    // as in the tests, where the alert says nothing besides its labels
    takerOf: (labels) => {
      const workerAsg = namesWorkers(learned) ? about.workerAsg : '';
      return takerOf(set, { labels, annotations: {}, workerAsg });
    },
  });
  return { name, file, text, testFile: `${folder}/${name}.test.yaml`, testText };
}

function whoDid({ origin }: Run): string {
  return (origin.kind === 'person' && origin.by.trim()) || 'a person';
}

import { describeChange } from '../integrations/operations.js';
import type { Choice, Escalation } from '../ledger/escalation.js';
import type { Run } from '../ledger/run.js';

const notNow: Choice = {
  id: 'not-now',
  label: 'Not now',
  style: undefined,
  does: { kind: 'dismiss' },
};

/** What a person may choose before there is a draft. */
const offerChoices: readonly Choice[] = [
  { id: 'draft', label: 'Make this a playbook', style: 'primary', does: { kind: 'draft' } },
  notNow,
];

/** What a person may choose about a draft. */
export const draftChoices: readonly Choice[] = [
  { id: 'accept', label: 'Accept', style: 'primary', does: { kind: 'learn' } },
  notNow,
];

/**
 * The same about a draft that was made again. Its yes is another choice: a click on what the draft before
 * it showed does not accept this one.
 */
export function choicesAnew(id: string): readonly Choice[] {
  return draftChoices.map((choice) =>
    choice.does.kind === 'learn' ? { ...choice, id: `accept-${id}` } : choice,
  );
}

/** The same after it could not be written: the folder may have changed since it was drafted. */
export function faultChoices(choices: readonly Choice[]): readonly Choice[] {
  return [
    ...choices.filter(({ does }) => does.kind === 'learn'),
    { id: 'draft', label: 'Draft again', style: undefined, does: { kind: 'draft' } },
    notNow,
  ];
}

/** The offer to make a playbook of what a person did, after it helped. */
export function draftLessonOffer(
  run: Run,
  question: Escalation,
  to: {
    readonly id: string;
    readonly channel: string | undefined;
    readonly expiresAtMs: number;
    readonly nowMs: number;
  },
): Escalation {
  const { origin, attempts } = run;
  const by = origin.kind === 'person' ? origin.by : 'a person';
  const changes = attempts.map(({ change }) => describeChange(change)).join(', ');
  return {
    id: to.id,
    // of its own: what became of the alerts does not withdraw it
    caseId: to.id,
    subject: null,
    kind: 'lesson',
    reason: 'learned',
    title: question.title,
    detail: `${by} chose to ${changes}, and the alert resolved. As a playbook, Jidoka proposes this change for the next such alert, with one click to approve.`,
    labels: run.labels,
    annotations: {},
    links: [],
    misses: [],
    channel: to.channel,
    choices: offerChoices,
    lesson: { runId: run.id, questionId: question.id, draft: null, written: null, fault: null },
    runId: null,
    state: 'open',
    answer: null,
    createdAtMs: to.nowMs,
    expiresAtMs: to.expiresAtMs,
    endedAtMs: null,
    posted: null,
  };
}

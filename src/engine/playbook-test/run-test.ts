import { createPauses } from '../../guard/pauses.js';
import type { PlaybookTest, PlaybookTests } from '../../playbook/test/schema.js';
import type { ActivePlaybooks } from '../parts.js';
import { createRehearsal, type Rehearsal } from '../rehearse.js';
import { sendAlerts } from './alerts.js';
import { compare, type Difference } from './compare.js';
import { createStory, type Story } from './story.js';
import { worldOf } from './world.js';

/** What came of one test. */
export interface TestResult {
  readonly name: string;
  /** What is not as it was expected, the earliest first; empty: the test passed. */
  readonly differences: readonly Difference[];
  /** What happened, a line each, until the end of the test. */
  readonly story: readonly string[];
}

/** A test at work. */
export interface Stage {
  readonly rehearsal: Rehearsal;
  readonly story: Story;
  readonly file: PlaybookTests;
  readonly test: PlaybookTest;
  readonly endMs: number;
}

/** Rehearses one test, and looks at each of its times whether everything is as it was expected. */
export async function runTest(
  index: number,
  file: PlaybookTests,
  active: ActivePlaybooks,
): Promise<TestResult> {
  const test = file.tests[index];
  if (test === undefined) throw new Error(`there is no test ${index}`);
  const startMs = test.starts;
  const expected = [...test.expect.entries()].sort(([, a], [, b]) => a.at - b.at);
  const endMs = startMs + Math.max(...test.expect.map(({ at }) => at));
  const story = createStory(startMs);
  const rehearsal = createRehearsal({
    active,
    workerAsg: file.worker_asg ?? '',
    world: worldOf(file, test),
    startMs,
    ...story.listeners,
  });
  const stage: Stage = { rehearsal, story, file, test, endMs };
  // of what happens at one time, pauses come first: one from the beginning holds what fires at the beginning
  planPauses(stage);
  sendAlerts(stage);
  planClicks(stage);
  const differences: Difference[] = [];
  for (const [entry, { at }] of expected) {
    await rehearsal.advanceTo(startMs + at);
    differences.push(...story.faults.splice(0), ...(await compare(stage, entry)));
  }
  return { name: test.name, differences, story: story.lines };
}

/** Has people pause things. */
function planPauses({ rehearsal, test }: Stage): void {
  const { ledger, clock } = rehearsal;
  const pauses = createPauses({ ledger, clock });
  for (const { at, for: forMs = null, playbook, target, direction } of test.pauses) {
    const scope =
      playbook !== undefined
        ? ({ of: 'playbook', name: playbook } as const)
        : target !== undefined
          ? ({ of: 'target', name: target } as const)
          : direction !== undefined
            ? ({ of: 'direction', name: direction } as const)
            : ({ of: 'everything' } as const);
    rehearsal.plan(test.starts + at, async () => {
      await pauses.set(scope, { by: 'ada', why: 'the test says so', forMs });
    });
  }
}

/** Has people click buttons. */
function planClicks(stage: Stage): void {
  const { rehearsal, test } = stage;
  for (const [index, person] of test.people.entries()) {
    rehearsal.plan(test.starts + person.at, () => click(stage, index));
  }
}

/** A click on the button of that label, wherever it is open. */
async function click({ rehearsal, story, test }: Stage, index: number): Promise<void> {
  const person = test.people[index];
  if (person === undefined) return;
  const { at, by, chooses, about = '' } = person;
  const open = [];
  for (const { escalation } of story.messages) {
    const stored = await rehearsal.ledger.escalation(escalation.id);
    if (stored?.value.state === 'open') open.push(stored.value);
  }
  const offers = open.flatMap(({ id, title, choices }) => {
    const choice = choices?.find(({ label }) => label.toLowerCase() === chooses.toLowerCase());
    return choice === undefined || !title.includes(about) ? [] : [{ id, choiceId: choice.id }];
  });
  const [offer, ...others] = offers;
  if (offer !== undefined && others.length === 0) {
    await rehearsal.answer(offer.id, offer.choiceId, by);
    return;
  }
  const buttons = open.map(
    ({ title, choices }) => `${title}: ${(choices ?? []).map(({ label }) => label).join(', ')}`,
  );
  story.faults.push({
    place: ['people', index, 'chooses'],
    afterMs: at,
    what: `${by} cannot choose "${chooses}"`,
    lines: [
      offers.length > 1
        ? `  ${offers.length} open messages have that button: say which with "about"`
        : '  no open message has that button',
      ...(buttons.length === 0 ? ['+ no message is open'] : buttons.map((line) => `+ ${line}`)),
    ],
  });
}

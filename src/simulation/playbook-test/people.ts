import { createPauses } from '../../guard/pauses.js';
import type { PlaybookTest } from '../../playbook/test/schema.js';
import type { Stage } from './stage.js';

/** Plans the pauses that people set in a test. */
export function planPauses({ simulation, test }: Stage): void {
  const { ledger, clock } = simulation;
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
    simulation.plan(test.starts + at, () =>
      pauses.set(scope, { by: 'ada', why: 'the test says so', forMs }),
    );
  }
}

/** Plans the clicks of people in a test. */
export function planClicks(stage: Stage): void {
  const { simulation, test } = stage;
  for (const [index, person] of test.people.entries()) {
    simulation.plan(test.starts + person.at, () => click(stage, person, index));
  }
}

/** Clicks the button of that label in the one open message that has it. */
async function click(
  { simulation, story }: Stage,
  { at, by, chooses, about = '' }: PlaybookTest['people'][number],
  index: number,
): Promise<void> {
  const open = [];
  for (const { escalation } of story.messages) {
    const stored = await simulation.ledger.escalation(escalation.id);
    if (stored?.value.state === 'open') open.push(stored.value);
  }
  const offers = open.flatMap(({ id, title, choices }) => {
    const choice = choices?.find(({ label }) => label.toLowerCase() === chooses.toLowerCase());
    return choice === undefined || !title.includes(about) ? [] : [{ id, choiceId: choice.id }];
  });
  const [offer, ...others] = offers;
  if (offer !== undefined && others.length === 0) {
    await simulation.answer(offer.id, offer.choiceId, by);
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

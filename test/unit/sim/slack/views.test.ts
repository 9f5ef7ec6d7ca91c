import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createViews, type Views } from '../../../../src/sim/slack/views.js';
import { createManualClock, type ManualClock } from '../manual-clock.js';

const user = { id: 'U1', name: 'ada' };
const words = (text: string) => ({ type: 'plain_text', text });
const input = {
  type: 'input',
  block_id: 'reason',
  label: words('Why?'),
  element: { type: 'plain_text_input', action_id: 'reason', max_length: 5 },
};
const view = {
  type: 'modal',
  title: words('Deny'),
  submit: words('Deny'),
  callback_id: 'denial',
  private_metadata: 'e1:deny',
  blocks: [input],
};

describe('a modal in the simulated Slack', () => {
  let clock: ManualClock;
  let views: Views;
  beforeEach(() => {
    clock = createManualClock();
    views = createViews({ clock });
  });
  afterEach(() => expect(views.open.length).toBeLessThanOrEqual(1));

  const open = (trigger_id: string, shown: object = view) =>
    views.openView({ trigger_id, view: JSON.stringify(shown) });

  it('opens once by a trigger, within three seconds of the click', () => {
    const trigger = views.issueTrigger(user);
    const late = views.issueTrigger(user);
    clock.advance(3_000);
    open(trigger);
    expect(views.open).toMatchObject([{ user, view: { callback_id: 'denial' } }]);
    expect(() => open(trigger)).toThrow('exchanged_trigger_id');
    clock.advance(1);
    expect(() => open(late)).toThrow('expired_trigger_id');
    expect(() => open('1.1.guessed')).toThrow('invalid_trigger_id');
  });

  const long = (count: number) => 'x'.repeat(count);

  it.each([
    ['a title of 25 characters', { title: words(long(25)) }, '/view/title/text'],
    ['metadata of 3001 characters', { private_metadata: long(3001) }, '/view/private_metadata'],
    ['a submit of 25 characters', { submit: words(long(25)) }, '/view/submit/text'],
    ['no submit but an input', { submit: undefined }, 'submit'],
    ['101 blocks', { blocks: Array(101).fill({ type: 'divider' }) }, 'no more than 100'],
    ['a label of 2001', { blocks: [{ ...input, label: words(long(2001)) }] }, '/label/text'],
    [
      'a label in markup',
      { blocks: [{ ...input, label: { type: 'mrkdwn', text: 'x' } }] },
      'label',
    ],
    ['a key that there is not', { colour: 'red' }, 'invalid additional property: colour'],
    ['another type', { type: 'message' }, 'modal'],
  ])('with %s is refused', (_, change, problem) => {
    const trigger = views.issueTrigger(user);
    expect(() => open(trigger, { ...view, ...change })).toThrow(problem);
    expect(views.open).toEqual([]);
  });

  it('is submitted with what was typed, by whoever has it before them', () => {
    open(views.issueTrigger({ ...user, teamId: 'T9' }));
    const [form] = views.open;
    if (form === undefined) throw new Error('no form');
    expect(views.submission(form, { reason: 'no' })).toMatchObject({
      type: 'view_submission',
      user: { id: 'U1', team_id: 'T9' },
      view: {
        callback_id: 'denial',
        private_metadata: 'e1:deny',
        state: { values: { reason: { reason: { type: 'plain_text_input', value: 'no' } } } },
      },
    });
    expect(() => views.submission(form, {})).toThrow('filled in');
    expect(() => views.submission(form, { reason: 'longer' })).toThrow('at most 5');
  });

  it('closes when it is acknowledged with nothing, and shows what it is updated with', () => {
    for (const body of ['', '{}']) {
      open(views.issueTrigger(user));
      const [form] = views.open;
      if (form === undefined) throw new Error('no form');
      views.answered(form, body);
      expect(views.open).toEqual([]);
    }
    open(views.issueTrigger(user));
    const [form] = views.open;
    if (form === undefined) throw new Error('no form');
    const notice = { ...view, title: words('Too late'), blocks: [{ type: 'divider' }] };
    views.answered(form, JSON.stringify({ response_action: 'update', view: notice }));
    expect(views.open).toMatchObject([{ view: { title: { text: 'Too late' } } }]);
  });
});

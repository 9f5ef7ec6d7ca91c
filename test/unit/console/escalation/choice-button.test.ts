import { expect, test } from 'vitest';
import { ChoiceButton } from '../../../../src/console/escalation/choice-button.js';

const scale = {
  ...{ id: 'c', label: 'Scale shop_web 2 → 3', style: undefined },
  does: {
    kind: 'act',
    action: 'swarm.scale',
    params: {},
    target: { id: 'swarm.service/s', name: 'shop_web' },
  },
} as const;

const textOf = (element: unknown) => String(element).replaceAll(/<[^>]*>/g, '');

test('a button beside the name of its target shows the rest, and says all to those who do not see it', () => {
  const button = ChoiceButton({ escalationId: 'e', choice: scale, short: true });
  expect(textOf(button)).toBe('Scale shop_web 2 → 3');
  expect(String(button)).toContain('Scale<span class="unseen"> shop_web</span> 2 → 3');
  const whole = ChoiceButton({ escalationId: 'e', choice: scale });
  expect(String(whole)).not.toContain('unseen');
});

test('a name that was cut off ends with one mark, not two', () => {
  const choice = { ...scale, label: 'Restart shop_w…', confirm: 'It restarts.' };
  expect(textOf(ChoiceButton({ escalationId: 'e', choice }))).toBe('Restart shop_w…');
});

import { expect, test } from 'vitest';
import { clickValue, parseClick } from '../../../src/escalation/click.js';
import { createId } from '../../../src/ledger/id.js';

test('a click is read back as the ids that were put into the button', () => {
  for (let count = 0; count < 200; count += 1) {
    const escalationId = createId();
    expect(parseClick(clickValue(escalationId, 'up'))).toEqual({ escalationId, choiceId: 'up' });
  }
});

test('a value that is not one of ours is no click', () => {
  const strangers = ['', 'ack', ':', 'a:', ':b', 'a:b:c', 'a b:c', 'a:b\n', `${'a'.repeat(65)}:b`];
  for (const value of strangers) expect(parseClick(value)).toBeNull();
});

test('an id that could not be read back is no id', () => {
  expect(() => clickValue('a:b', 'up')).toThrow(RangeError);
  expect(() => clickValue('a', '')).toThrow(RangeError);
});

import { expect, test } from 'vitest';
import { describeScope, isSameScope, readScope } from '../../../../src/cli/pause/scope.js';

test('the options name one thing, or everything', () => {
  expect(readScope({})).toEqual({ of: 'everything' });
  expect(readScope({ playbook: 'up' })).toEqual({ of: 'playbook', name: 'up' });
  expect(readScope({ target: 'web' })).toEqual({ of: 'target', name: 'web' });
  expect(readScope({ direction: 'down' })).toEqual({ of: 'direction', name: 'down' });
});

test('two things at once are refused', () => {
  expect(() => readScope({ playbook: 'up', target: 'web' })).toThrow(/expected one of/);
  expect(() => readScope({ target: 'web', direction: 'up' })).toThrow(/expected one of/);
});

test('a playbook and a target of one name are two scopes', () => {
  const playbook = readScope({ playbook: 'web' });
  expect(describeScope(playbook)).toBe('the playbook web');
  expect(isSameScope(playbook, readScope({ target: 'web' }))).toBe(false);
  expect(isSameScope(playbook, readScope({ playbook: 'web' }))).toBe(true);
});

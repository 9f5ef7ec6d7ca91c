import { expect, test } from 'vitest';
import type { TargetOf } from '../../../../src/integrations/contract/change.js';
import type { Integration } from '../../../../src/integrations/contract/integration.js';

type Part = Pick<Integration<'pool' | 'pool.member', null, null>, 'actions' | 'counts'>;

test('a kind of target without a count does not compile, nor a target of another kind', () => {
  const pool: TargetOf<'pool'> = { id: 'pool/a', name: 'a' };
  const counted: Part['counts'] = () => ({ pool: async () => 1, 'pool.member': 'uncounted' });
  // @ts-expect-error pool.member has no count
  const uncounted: Part['counts'] = () => ({ pool: async () => 1 });
  // @ts-expect-error the id begins with another kind
  const other: TargetOf<'pool'> = { id: 'group/a', name: 'a' };
  expect([pool, other, counted(null), uncounted(null)]).toHaveLength(4);
});

test('an action on targets of another kind does not compile', () => {
  const action = {} as ReturnType<Integration<'group', null, null>['actions']>[number];
  // @ts-expect-error its targets are groups
  const actions: Part['actions'] = () => [action];
  expect(actions(null)).toEqual([action]);
});

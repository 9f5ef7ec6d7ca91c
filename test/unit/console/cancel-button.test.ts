import { expect, test } from 'vitest';
import { CancelButton } from '../../../src/console/run/cancel-button.js';
import type { RunState } from '../../../src/ledger/run.js';

/** What the button of a run with this step says. */
function buttonOf(action: string, state: RunState): string {
  const step = {
    action,
    params: {},
    target: { id: 'x', name: 'x' },
    ...{ settleMs: 0, repeat: 1, undo: false },
  };
  const run = { id: 'r1', state, step: 0, steps: [step] };
  const visitor = { role: 'operator', csrf: 'c', name: 'ada' } as never;
  return String(CancelButton({ run, visitor }));
}

test.each(['applying', 'converging'] as const)(
  'before a click, the button of a run that is %s says that it ends the job',
  (state) => {
    expect(buttonOf('swarm.job', state)).toContain('Cancel, end job');
  },
);

test.each([
  ['swarm.job', 'planning'],
  ['swarm.job', 'settling'],
  ['swarm.scale', 'converging'],
] as const)('the button of a run with %s that is %s ends no job', (action, state) => {
  expect(buttonOf(action, state)).not.toContain('end job');
  expect(buttonOf(action, state)).toContain('Cancel');
});

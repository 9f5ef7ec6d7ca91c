import { expect, test } from 'vitest';
import { compareLabels } from '../../../../src/console/escalation/alerts-section.js';
import { ChoiceButton } from '../../../../src/console/escalation/choice-button.js';
import { arrange } from '../../../../src/console/escalation/choices.js';
import { handOver, silenceHour } from '../../../../src/escalation/choices.js';
import type { Choice } from '../../../../src/ledger/escalation.js';

const scale: Choice = {
  id: 'up',
  label: 'Scale web 1 → 2',
  style: 'primary',
  does: { kind: 'act', action: 'swarm.scale', params: {}, target: { id: 'web', name: 'web' } },
};
const approve: Choice = {
  id: 'approve',
  label: 'Approve',
  style: 'primary',
  does: { kind: 'approve' },
};

test('to acknowledge, suggestions and the rest are told apart', () => {
  const { acknowledge, decisions, suggestions, others } = arrange([
    scale,
    ...handOver,
    silenceHour,
    approve,
  ]);
  expect(acknowledge?.id).toBe('ack');
  expect([decisions, suggestions, others].map((all) => all.map(({ id }) => id))).toEqual([
    ['approve'],
    ['up'],
    ['dismiss', 'silence'],
  ]);
});

test('a suggestion never looks like what should be done, and the approval of a plan does', () => {
  const look = (choice: Choice) => String(ChoiceButton({ escalationId: 'e1', choice }));
  expect(look(scale)).not.toContain('primary');
  expect(look(approve)).toContain('button primary');
});

test('labels that all alerts share are told from those that differ', () => {
  const { shared, differing } = compareLabels([
    { alertname: 'A', instance: '1', zone: 'x' },
    { alertname: 'A', instance: '2' },
  ]);
  expect([shared, differing]).toEqual([{ alertname: 'A' }, ['instance', 'zone']]);
});

import { expect, test } from 'vitest';
import { service, simulate } from '../../support/simulate.js';

/* Whose bounds hold for a step, from the playbook to the change. */

const playbook = (step: string, more = 'mode: auto') => `
name: resize
summary: Changes the replicas of a service.
match: alertname = "Slow"
${more}
steps:
  - swarm.scale: { service: "\${{ labels.service }}", ${step} }
    settle: 1m
guards: { cooldown: 0 }
`;
const labelled = (replicas: number, labels: Record<string, string>) => ({
  web: service(replicas, { labels }),
});
const slow = { alertname: 'Slow', service: 'web', most: '12', least: '0' };
const computedMax = 'by: 9, max: "${{ int(labels.most) }}"';
const computedMin = 'by: -9, min: "${{ int(labels.least) }}"';

test.each([
  ['the label of the service narrows the step', 'by: 9, max: 12', { 'jidoka.scale.max': '3' }, 3],
  ['the step narrows the label', 'by: 9, max: 4', { 'jidoka.scale.max': '8' }, 4],
  ['an expression does not widen the label', computedMax, { 'jidoka.scale.max': '3' }, 3],
  ["an expression does not widen the policy's default", computedMax, {}, 5],
  ['an expression takes no service below its minimum', computedMin, { 'jidoka.scale.min': '1' }, 1],
])('%s', async (_, step, labels, to) => {
  const story = simulate({
    playbooks: playbook(step),
    policy: 'bounds: { max: 5 }',
    services: labelled(2, labels),
  });
  await story.fires(0, slow);
  expect(story.effects).toEqual([`0s web 2 → ${to}`]);
});

test.each([
  ['up', computedMax],
  ['down', computedMin],
])('a person is asked where only an expression bounds the step %s', async (_, step) => {
  const story = simulate({ playbooks: playbook(step), services: labelled(2, {}) });
  await story.fires(0, slow);
  expect(story.effects).toEqual([]);
  expect(story.messages).toMatchObject([{ escalation: { reason: 'no_bounds' } }]);
});

test('a plan that a person approves shows the bounds that hold', async () => {
  const story = simulate({
    playbooks: playbook(computedMax, 'mode: approve'),
    services: labelled(2, { 'jidoka.scale.max': '3' }),
  });
  await story.fires(0, slow);
  expect(story.messages).toMatchObject([{ escalation: { kind: 'approval' } }]);
  expect(story.messages[0]?.text).toMatch(/2 (→|to) 3\b/);
});

test('a person is asked where no size satisfies both bounds', async () => {
  const story = simulate({
    playbooks: playbook('by: 1, max: 3'),
    services: labelled(2, { 'jidoka.scale.min': '4' }),
  });
  await story.fires(0, slow);
  expect(story.effects).toEqual([]);
  expect(story.messages).toMatchObject([{ escalation: { reason: 'unsupported' } }]);
});

test('a step down by one takes one away from a service above its maximum', async () => {
  const story = simulate({
    playbooks: playbook('by: -1'),
    services: labelled(10, { 'jidoka.scale.min': '1', 'jidoka.scale.max': '5' }),
  });
  await story.fires(0, slow);
  expect(story.effects).toEqual(['0s web 10 → 9']);
});

test('a step up takes a service below its minimum to the minimum', async () => {
  const story = simulate({
    playbooks: playbook('by: 1'),
    services: labelled(1, { 'jidoka.scale.min': '3', 'jidoka.scale.max': '5' }),
  });
  await story.fires(0, slow);
  expect(story.effects).toEqual(['0s web 1 → 3']);
});

import { expect, test } from 'vitest';
import type { Choice } from '../../../src/ledger/escalation.js';
import { readBlocks } from '../../../src/sim/slack/blocks.js';
import { readView } from '../../../src/sim/slack/view-check.js';
import { buttonBlocks } from '../../../src/slack/buttons.js';
import { denialOf, noticeForm } from '../../../src/slack/form.js';
import { sampleEscalation } from './samples.js';

const ids = (escalation = sampleEscalation()) =>
  buttonBlocks(escalation).flatMap((block) =>
    block.type === 'actions' ? block.elements.map(({ action_id: id }) => id) : [],
  );

const deny: Choice = { id: 'deny', label: 'Deny', style: 'danger', does: { kind: 'deny' } };
const act: Choice['does'] = {
  kind: 'act',
  action: 'swarm.scale',
  params: {},
  target: { id: 'swarm.service/s1', name: 'web' },
};

test('a plan can be denied at once or with a reason', () => {
  expect(ids(sampleEscalation({ choices: [deny] }))).toEqual([
    'deny',
    'deny_with_reason',
    'why',
    'open_runbook',
  ]);
});

test('what is not known is not offered: no runbook, no alert to explain', () => {
  expect(ids(sampleEscalation({ links: [], labels: {} }))).toEqual(['up', 'ack', 'dismiss']);
  const links = [{ text: 'Runbook', url: 'javascript:alert(1)' }];
  expect(ids(sampleEscalation({ links }))).not.toContain('open_runbook');
});

test('a runbook is opened without the password in its address', () => {
  const links = [{ text: 'Runbook', url: 'https://me:hunter2@runbooks.example/a?b=1&c=2' }];
  expect(JSON.stringify(buttonBlocks(sampleEscalation({ links })))).toContain(
    '"https://runbooks.example/a?b=1&c=2"',
  );
});

test('a risky choice asks first, and the others do not', () => {
  const confirm = 'This takes web from 3 to 2 replicas.';
  const down: Choice = {
    id: 'down',
    label: 'Scale web 3 → 2',
    style: 'danger',
    confirm,
    does: act,
  };
  const [block] = buttonBlocks(sampleEscalation({ choices: [down, deny] }));
  expect(block).toMatchObject({
    elements: [
      { confirm: { title: { text: 'Scale web 3 → 2?' }, text: { text: confirm } } },
      { action_id: 'deny' },
    ],
  });
  expect(JSON.stringify(block).match(/"confirm":\{"title"/g)).toHaveLength(1);
});

test.each(['x', '👩‍👩‍👧‍👦', '<!channel>', '`', 'م'])(
  'however many choices with however long confirmations (%s), Slack takes them, and handing over stays',
  (unit) => {
    const long = unit.repeat(10_000);
    const acts = Array.from({ length: 30 }, (_, index): Choice => {
      return { id: `act-${index}`, label: long, style: undefined, confirm: long, does: act };
    });
    const [, ack, dismiss] = sampleEscalation().choices ?? [];
    if (ack === undefined || dismiss === undefined) throw new Error('the sample has changed');
    const blocks = buttonBlocks(sampleEscalation({ choices: [ack, dismiss, ...acts] }));
    expect(() => readBlocks(blocks)).not.toThrow();
    expect(JSON.stringify(blocks).length).toBeLessThan(12_000);
    expect(JSON.stringify(blocks)).toContain('"dismiss"');
  },
);

test('the form for a reason holds the two ids and nothing else, and Slack takes it', () => {
  const form = denialOf('e'.repeat(64), 'deny');
  expect(() => readView(form)).not.toThrow();
  expect(form.private_metadata).toBe(`${'e'.repeat(64)}:deny`);
});

test.each(['<!channel> ', '👩‍👩‍👧‍👦', '&', ''])(
  'a notice of any length is a form that Slack takes: %j',
  (unit) => {
    const form = noticeForm(`Too late. ${unit.repeat(5_000)}`);
    expect(() => readView(form)).not.toThrow();
    expect(JSON.stringify(form)).not.toContain('<!channel>');
  },
);

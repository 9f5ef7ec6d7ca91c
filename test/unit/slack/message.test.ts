import { describe, expect, it } from 'vitest';
import { applied, converged, end, intend, waitUntil } from '../../../src/engine/run/transitions.js';
import { parseClick } from '../../../src/escalation/click.js';
import type { Escalation } from '../../../src/ledger/escalation.js';
import type { Run } from '../../../src/ledger/run.js';
import { readBlocks } from '../../../src/sim/slack/blocks.js';
import { type MessageInput, renderMessage } from '../../../src/slack/message.js';
import { answered, sampleEscalation, sampleMiss, sampleRun, startMs } from './samples.js';

function render(escalation: Escalation, others: Partial<Omit<MessageInput, 'escalation'>> = {}) {
  const content = renderMessage({ escalation, joined: 1, openEpisodes: 1, run: null, ...others });
  readBlocks(content.blocks);
  return content;
}

/** Everything that a message says, a line for each text. */
function textOf(escalation: Escalation, others: Partial<Omit<MessageInput, 'escalation'>> = {}) {
  const { blocks } = render(escalation, others);
  return JSON.stringify(blocks, (name, value) => (name === 'text' && value.text) || value, 1);
}

describe('the severity of an alert', () => {
  const severity = { label: 'priority', order: ['P1', 'P2'] };
  const marked = (labels: Record<string, string>) =>
    textOf(sampleEscalation({ labels: { alertname: 'QueueFull', ...labels } }), { severity });

  it.each([
    ['P1', '🔴 *P1* · since'],
    ['p2', '🟠 *p2* · since'],
    ['whatever', '🔵 *whatever* · since'],
  ])('%s has the color of its place in the policy', (priority, expected) => {
    expect(marked({ priority })).toContain(expected);
  });

  it('is not there without its label', () => {
    expect(marked({ severity: 'critical' })).not.toMatch(/[🔴🟠🟡🔵]/u);
  });
});

describe('the message about an alert that nobody takes', () => {
  it('tells in this order what is wrong, why it is here, the labels, the links, what came near and what can be done', () => {
    const { blocks } = render(sampleEscalation());
    expect(blocks).toEqual([
      {
        type: 'header',
        text: { type: 'plain_text', text: 'Needs attention: QueueFull: orders', emoji: false },
      },
      {
        type: 'context',
        elements: [
          markdown(expect.stringMatching(/^since <!date\^1772593200\^.* · escalation esc1$/)),
        ],
      },
      section('*summary*: The queue of orders is full.'),
      section(
        '*Reason:* no playbook matches this alert.\nsome playbooks are near misses, but none matches',
      ),
      {
        type: 'section',
        fields: [
          markdown('*alertname*\n`QueueFull`'),
          markdown('*severity*\n`critical`'),
          markdown('*service*\n`orders`'),
        ],
      },
      section('<https://runbooks.example/queue|Runbook>'),
      section(
        '*Nearest playbooks* (“Why?” shows all):\n• *drain-queue*: expected `severity = "warning"`, got `"critical"`',
      ),
      {
        type: 'actions',
        elements: [
          expect.objectContaining({ action_id: 'up' }),
          expect.objectContaining({ action_id: 'ack' }),
          expect.objectContaining({ action_id: 'dismiss' }),
        ],
      },
      {
        type: 'actions',
        elements: [
          expect.objectContaining({ action_id: 'why', value: 'esc1:why' }),
          expect.objectContaining({
            action_id: 'open_runbook',
            url: 'https://runbooks.example/queue',
          }),
        ],
      },
    ]);
  });

  it('puts two ids into a button and nothing else', () => {
    const actions = render(sampleEscalation()).blocks.find(({ type }) => type === 'actions');
    const [first] = actions?.type === 'actions' ? actions.elements : [];
    expect(first?.text.text).toBe('Scale orders 2 → 3');
    expect(parseClick(first?.value ?? '')).toEqual({ escalationId: 'esc1', choiceId: 'up' });
  });

  it('counts its alerts when there are several, and says how many still fire', () => {
    expect(render(sampleEscalation(), { joined: 7, openEpisodes: 3 }).text).toBe(
      'Needs attention: QueueFull: orders (7 alerts, 3 still fire)',
    );
    expect(textOf(sampleEscalation(), { joined: 7, openEpisodes: 3 })).toContain(
      '7 alerts, 3 still fire · since',
    );
    expect(render(sampleEscalation(), { joined: 2, openEpisodes: 0 }).text).toContain(
      '2 alerts, all resolved',
    );
    expect(render(sampleEscalation(), { joined: 1, openEpisodes: 0 }).text).toContain(
      'the alert has resolved',
    );
    expect(render(sampleEscalation()).text).toBe('Needs attention: QueueFull: orders');
  });

  it('tells apart a playbook that misses by several clauses and one whose expression failed', () => {
    const misses = [
      sampleMiss({ missed: 3 }),
      sampleMiss({ clause: 'when: a > 1', actual: 'no such key: a', reason: 'expression_failed' }),
    ];
    const text = textOf(sampleEscalation({ misses }));
    expect(text).toContain('got `\\"critical\\"` (and 2 more)');
    expect(text).toContain('expected `when: a &gt; 1`, which failed: `no such key: a`');
  });

  it('says how many labels it left out', () => {
    const labels = Object.fromEntries(
      Array.from({ length: 300 }, (_, index) => [`label_${index}`, `value ${index}`]),
    );
    expect(textOf(sampleEscalation({ labels }))).toContain('… and 280 more labels');
  });

  it('names the three playbooks that came nearest, and none once there is nothing to decide', () => {
    const misses = ['one', 'two', 'three', 'four'].map((playbook) => sampleMiss({ playbook }));
    const text = textOf(sampleEscalation({ misses }));
    expect(text).toContain('• *three*');
    expect(text).not.toContain('• *four*');
    expect(textOf({ ...answered('ack', 'Acknowledge', null), misses })).not.toContain('• *one*');
  });

  it('leads to its page and that of its run where it is known how people reach the console', () => {
    const consoleUrl = 'https://jidoka.example';
    const text = textOf(sampleEscalation({ runId: 'run1' }), { consoleUrl });
    expect(text).toContain('<https://jidoka.example/escalations/esc1|escalation esc1>');
    expect(text).toContain('<https://jidoka.example/runs/run1|run run1>');
  });

  it('shows what is most needed first: the summary, the name and the severity', () => {
    const text = textOf(
      sampleEscalation({
        labels: { aaa: '1', severity: 'critical', zzz: '2', alertname: 'QueueFull' },
        annotations: { a_note: 'first by name', description: 'long', summary: 'short' },
      }),
    );
    const places = ['*summary*', '*description*', '*a_note*']
      .concat('*alertname*', '*severity*', '*aaa*', '*zzz*')
      .map((name) => text.indexOf(name));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places).not.toContain(-1);
  });

  it('makes links of web addresses only, without the passwords in them', () => {
    const text = textOf(
      sampleEscalation({
        links: [
          { text: 'Odd', url: 'https://x.example/a|b?q=<1>&r=%20' },
          { text: 'Secret', url: 'https://me:hunter2@x.example/' },
          { text: 'Script', url: 'javascript:alert(1)' },
          { text: 'None', url: 'not a link' },
        ],
      }),
    );
    expect(text).toContain('<https://x.example/a%7Cb?q=%3C1%3E&amp;r=%20|Odd>');
    expect(text).toContain('<https://x.example/|Secret>');
    expect(text).not.toMatch(/hunter2|Script|None/);
  });

  it('does not repeat as an annotation what is a link', () => {
    const url = 'https://runbooks.example/queue';
    expect(textOf(sampleEscalation({ annotations: { runbook_url: url } }))).not.toContain(
      'runbook_url',
    );
  });
});

describe('the question of a playbook', () => {
  const question = sampleEscalation({
    kind: 'approval',
    reason: 'approval',
    detail: 'drain-queue requests approval: orders from 2 to 3 replicas.',
    misses: [],
    runId: 'run1',
    expiresAtMs: startMs + 3_600_000,
    choices: [
      { id: 'approve', label: 'Approve', style: 'primary', does: { kind: 'approve' } },
      { id: 'deny', label: 'Deny', style: 'danger', does: { kind: 'deny' } },
    ],
  });

  it('shows the plan and until when it can be answered', () => {
    const text = textOf(question);
    expect(text).toContain('Approval required: QueueFull: orders');
    expect(text).toContain('*Plan:*\\ndrain-queue requests approval');
    expect(text).toContain('answer by <!date^1772596800^');
  });

  it('says that the answer was no', () => {
    const answer = { choiceId: 'deny', label: 'Deny', by: 'Ada', atMs: startMs, runId: 'run1' };
    const run = end(
      sampleRun(),
      { kind: 'withdrawn', reason: 'denied', detail: 'Ada said no' },
      startMs,
    );
    const text = textOf({ ...question, state: 'answered', answer, endedAtMs: startMs }, { run });
    expect(text).toContain('Denied: QueueFull');
    expect(text).toContain('Withdrawn: a person denied it: Ada said no.');
  });
});

it('a report says what was tried, and not what became of another run than the chosen one', () => {
  const report = sampleEscalation({
    kind: 'report',
    reason: 'exhausted',
    detail:
      'drain-queue: every step was taken.\n• orders from 1 to 2 replicas: converged after 3 s',
    runId: 'run1',
  });
  expect(textOf(report)).toContain('*Attempts:*\\ndrain-queue: every step was taken.\\n• orders');
  const answer = { choiceId: 'ack', label: 'Acknowledge', by: 'Ada', atMs: startMs, runId: null };
  const taken: Escalation = { ...report, state: 'answered', answer };
  const outcome = { kind: 'failed', reason: 'exhausted', detail: 'something else' } as const;
  const run = end(sampleRun(), outcome, startMs);
  expect(textOf(taken, { run })).toContain('*Ada* chose *Acknowledge*');
  expect(textOf(taken, { run })).not.toContain('something else');
});

describe('the message after an answer', () => {
  const change = {
    kind: 'change' as const,
    target: { id: 'swarm.service/s1', name: 'orders' },
    op: { kind: 'resize', from: 2, to: 3, unit: 'replicas' },
    version: '7',
  };
  const chosen = answered('up', 'Scale orders 2 → 3', 'run1');
  const admitting = sampleRun();
  const applying = intend(admitting, change, false, startMs, 45_000);
  const converging = applied(applying, startMs, 60_000);
  const settling = converged(converging, '3 of 3', startMs + 4_000);
  const ended = (kind: 'done' | 'failed' | 'unknown', reason: 'resolved' | 'unknown_outcome') =>
    end(settling, { kind, reason, detail: '' }, startMs);
  const held = waitUntil(admitting, 'target_busy', 'run r2 works on it', startMs);

  it('has no buttons any more, but blocks, because Slack keeps those that are left out', () => {
    const { blocks } = render(chosen);
    expect(blocks.some(({ type }) => type === 'actions')).toBe(false);
    expect(blocks.length).toBeGreaterThan(2);
  });

  it('says who decided and when', () => {
    expect(textOf(chosen)).toMatch(/\*Ada\* chose \*Scale orders 2 → 3\*, <!date\^1772593260\^/);
  });

  it.each<[string, Run | null, string, string]>([
    ['nothing is known', null, 'Answered: ', 'chose'],
    ['it has not begun', admitting, 'In progress: ', 'The run is about to start.'],
    ['it is held', held, 'In progress: ', 'Waiting: another run holds the target: run r2'],
    ['it is tried again', held, 'In progress: ', 'Next try by 2026-03-04 03:00:00 UTC.'],
    ['it is asked for', applying, 'In progress: ', 'Applying: scale orders from 2 to 3 replicas.'],
    ['it converges', converging, 'In progress: ', 'Converging: '],
    ['it settles', settling, 'In progress: ', 'replicas: converged after 4 s'],
    ['it helped', ended('done', 'resolved'), 'Done: ', 'Done: the alerts resolved.'],
    ['it failed', ended('failed', 'resolved'), 'Failed: ', 'Failed: the alerts resolved.'],
    ['it got lost', ended('unknown', 'unknown_outcome'), 'Outcome unknown: ', 'Check the target'],
  ])('tells what came of it: %s', (_, run, word, sentence) => {
    const text = textOf(chosen, { run });
    expect(text).toContain(`${word}QueueFull: orders`);
    expect(text).toContain(sentence);
  });

  it.each([
    ['ack', 'Acknowledge', 'Acknowledged: '],
    ['dismiss', 'Dismiss', 'Dismissed: '],
  ])('says so in its title: %s', (id, label, word) => {
    expect(render(answered(id, label, null)).text).toBe(`${word}QueueFull: orders`);
  });
});

it.each([
  ['withdrawn', 'Self-resolved: ', 'The alerts resolved before an answer came'],
  ['expired', 'Expired: ', 'No answer came in time'],
] as const)('a question that was %s has no buttons and says so', (state, word, sentence) => {
  const escalation = sampleEscalation({ state, endedAtMs: startMs + 1 });
  expect(render(escalation).text).toContain(word);
  expect(textOf(escalation)).toContain(sentence);
  expect(textOf(escalation)).not.toContain('actions');
});

function markdown(text: unknown) {
  return { type: 'mrkdwn', text, verbatim: true };
}

function section(text: string) {
  return { type: 'section', text: markdown(text) };
}

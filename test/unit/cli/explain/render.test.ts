import { describe, expect, test } from 'vitest';
import { renderExplanations } from '../../../../src/cli/explain/render.js';
import { indented } from '../../../../src/cli/lines.js';
import { describeTime } from '../../../../src/cli/shown.js';
import { episode, explanation, inTheWay, missing, nowMs, running, taking } from './samples.js';

const plain = { playbook: undefined, columns: undefined };

test('the answer stands first, then the plan, the clauses with their marks and what was left out', () => {
  const playbooks = [taking, { ...missing, playbook: 'other' }];
  expect(renderExplanations([explanation({ playbooks, total: 12 })], plain)).toBe(
    `It would scale web from 3 to 4 replicas now.

Slow{service="web"}

scale-up begins a run
  1. swarm.scale web: 3 → 4 → 5 replicas
  ✓ no guard is in the way

Playbooks: 1 of 12 matches; then those that come nearest
  ✓ scale-up (auto; scale-up.yaml) takes the alert
  ✗ other (auto; scale-up.yaml) misses 1 of 2
      ✓ service!=""  it is "web"
      ✗ scale="up"   expected "up", got no such label
  … and 10 further away; --all shows them
`,
  );
});

test('everything that is in the way is told with its end', () => {
  const held_by = [inTheWay('cooldown', nowMs + 60_000), inTheWay('paused', null)];
  const forecasts = [{ ...running, fate: 'held' as const, reason: 'paused' as const, held_by }];
  const text = renderExplanations([explanation({ forecasts })], plain);
  expect(text).toContain(`  ✗ cooldown: cooldown in detail
    until ${describeTime(nowMs + 60_000, nowMs)}
  ✗ paused: paused in detail
    until it is lifted
`);
  expect(text).not.toContain('no guard');
});

test('what a playbook in shadow would do is told as such, and is not decided again', () => {
  const held = {
    ...running,
    shadow: true,
    fate: 'held' as const,
    reason: 'target_unavailable' as const,
    reason_text: 'Jidoka could not read the target',
    detail: 'Docker is away',
    again_at_ms: nowMs + 30_000,
    steps: [],
  };
  const text = renderExplanations([explanation({ forecasts: [held] })], plain);
  expect(text).toContain(
    'scale-up is in shadow. If it were auto, nothing would be done now: Docker is away.\n',
  );
  expect(text).toContain(
    '\nscale-up, if it were auto, is held: Jidoka could not read the target (target_unavailable)\n',
  );
  expect(text).not.toContain('again');
});

test('what became of the alert so far stands at the end', () => {
  const text = renderExplanations([explanation({ episode })], plain);
  expect(text).toContain('So far: open (alert f00d-1)\n  opened ');
  expect(text).toContain(
    '(3 min ago), delivered 2 times\n  Alertmanager silences or inhibits it\n',
  );
  expect(text).toMatch(/ {2}run r1 of scale-up: settling, scale web from 3 to 4 replicas\n$/);
});

test('labels cannot move the cursor, colour the terminal or turn the text round', () => {
  const labels = { alertname: 'A\u001b[31m\u009b1m', x: '\u202eabc\r\n' };
  const clauses = [
    { clause: 'x="\u0007"', expected: '', actual: '\u001b]0;', outcome: 'met' as const },
  ];
  const text = renderExplanations(
    [explanation({ labels, playbooks: [{ ...taking, clauses }] })],
    plain,
  );
  expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202a-\u202e]/u);
});

test('several alerts are numbered', () => {
  const text = renderExplanations([explanation(), explanation()], plain);
  expect(text).toMatch(/^Alert 1 of 2\nIt would .*\n\nAlert 2 of 2\n/s);
});

describe('lines', () => {
  test('are no wider than the terminal, and no word is broken', () => {
    const detail = 'a limit that has a long story to tell '.repeat(5);
    const held_by = [{ ...inTheWay('limit', nowMs), detail }];
    const forecasts = [{ ...running, fate: 'held' as const, held_by }];
    for (const columns of [60, 80, 120]) {
      const text = renderExplanations([explanation({ forecasts })], { ...plain, columns });
      for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(columns);
    }
  });

  test('are indented, those that follow a little deeper', () => {
    expect(indented('one two three', 2, 10)).toEqual(['  one two', '    three']);
    expect(indented('one two three', 2, undefined)).toEqual(['  one two three']);
    expect(indented('averyveryverylongword x', 0, 10)).toEqual(['averyveryverylongword', '  x']);
  });
});

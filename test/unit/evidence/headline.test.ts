import { expect, test } from 'vitest';
import { headlineOf } from '../../../src/evidence/headline.js';
import type { Evidence } from '../../../src/ledger/evidence.js';

const alertAtMs = 10 * 3_600_000;
const none = { missing: 'none' };
const at = (minutes: number, kind: string, text: string) => ({
  atMs: alertAtMs + minutes * 60_000,
  kind,
  text,
});
const changes = (...items: ReturnType<typeof at>[]) => ({
  fromMs: 0,
  items: items.toSorted((a, b) => b.atMs - a.atMs),
});

test('a deploy before the alert comes first, whatever else changed', () => {
  const found = changes(
    at(-12, 'deployed', 'web deployed: shop:1.4 → shop:1.5'),
    at(-90, 'deployed', 'web deployed: shop:1.3 → shop:1.4'),
    at(-2, 'scaled', 'web scaled: 3 → 1'),
    at(5, 'deployed', 'web deployed: shop:1.5 → shop:1.6'),
  );
  expect(headlineOf({ changes: found, tasks: none }, alertAtMs)).toBe(
    'Deployed 12 minutes before the alert: shop:1.4 → shop:1.5',
  );
});

test('without a deploy, a node that went or a size that others set', () => {
  const scaled = at(-1, 'scaled', 'web scaled: 3 → 1');
  const node = at(-125, 'node_down', 'Node n2 is down');
  expect(headlineOf({ changes: changes(scaled, node), tasks: none }, alertAtMs)).toBe(
    'Node n2 is down, 2 h 5 min before the alert',
  );
  expect(headlineOf({ changes: changes(scaled), tasks: none }, alertAtMs)).toBe(
    'web scaled: 3 → 1, 1 minute before the alert',
  );
});

test('what Jidoka did is no cause; tasks that fail are', () => {
  const own = changes(at(-3, 'run', 'playbook scale-up: scale web from 2 to 3 replicas'));
  const failure = {
    atMs: 0,
    state: 'failed',
    error: 'task: non-zero exit (3)',
    exitCode: 3,
    node: 'n1',
  };
  const tasks: Evidence['tasks'] = {
    services: [
      { name: 'web', running: 1, desired: 3, failures: [failure], failed: 4, problems: [] },
    ],
  };
  expect(headlineOf({ changes: own, tasks }, alertAtMs)).toBe(
    '4 tasks of web failed, last with exit code 3: task: non-zero exit (3)',
  );
  expect(headlineOf({ changes: own, tasks: none }, alertAtMs)).toBeNull();
});

import { describe, expect, test } from 'vitest';
import type { LatestDeploy } from '../../../src/integrations/contract/deploys.js';
import { createOfflineRegistry } from '../../../src/integrations/offline-registry.js';
import { parsePlaybookTexts } from '../../../src/playbook/load.js';
import { requirementClause } from '../../../src/playbook/requirement.js';

const minute = 60_000;
const startedAtMs = Date.UTC(2026, 2, 1, 12);
const held = (latest: LatestDeploy) => {
  const { outcome, actual } = requirementClause(
    { deployedWithinMs: 15 * minute },
    latest,
    startedAtMs,
  );
  return `${outcome}: ${actual}`;
};
const deployed = (beforeMs: number) => held({ kind: 'deployed', atMs: startedAtMs - beforeMs });

describe('deployed_within', () => {
  test('is met by a deploy within that time before the alert, and by no other', () => {
    expect(deployed(0)).toBe('met: deployed 0 s before the alert started');
    expect(deployed(15 * minute)).toBe('met: deployed 15 min before the alert started');
    expect(deployed(15 * minute + 1)).toMatch(/^missed: deployed 15 min before/);
    expect(deployed(-minute)).toBe('missed: deployed 1 min after the alert started');
  });

  test('is not met where nothing was deployed in a history that reaches back far enough', () => {
    const since = (beforeMs: number) => held({ kind: 'none', sinceMs: startedAtMs - beforeMs });
    expect(since(15 * minute)).toBe('missed: not deployed since 2026-03-01 11:45:00 UTC');
    expect(since(15 * minute - 1)).toMatch(/^unknown: Jidoka knows its deploys only since/);
    expect(held({ kind: 'unknown', detail: 'a gap' })).toBe('unknown: a gap');
  });
});

const faultsOf = (requires: string, rest: string) => {
  const text = `name: x\nsummary: X.\nmatch: a = "b"\nrequires: ${requires}\n${rest}`;
  const texts = { files: [{ file: 'x.yaml', text }], policy: { file: 'policy.yaml', text: '' } };
  return parsePlaybookTexts(texts, createOfflineRegistry()).problems.map(({ message }) => message);
};
const scaling = 'steps: [{ swarm.scale: { service: web, by: 1 } }]';

describe('a playbook with requires', () => {
  test('is good where the target of its first step is known to be deployed', () => {
    expect(faultsOf('{ deployed_within: 15m }', scaling)).toEqual([]);
    const draining = `steps: [{ node.drain: { node: n } }]`;
    expect(faultsOf('{ deployed_within: 15m }', draining)).toEqual([
      expect.stringMatching(
        /does not know when the target of node\.drain was deployed.*swarm\.scale/,
      ),
    ]);
  });

  test.each(['{ deployed_within: 30s }', '{ deployed_within: 2d }', '{}', '{ healthy: true }'])(
    'is at fault with %s',
    (requires) => {
      expect(faultsOf(requires, scaling)).not.toEqual([]);
    },
  );

  test('is at fault where it ignores alerts', () => {
    expect(faultsOf('{ deployed_within: 15m }', 'ignore: true')).toEqual([
      expect.stringContaining('cannot have requires'),
    ]);
  });
});

import { describe, expect, test } from 'vitest';
import { createOfflineRegistry } from '../../../src/integrations/offline-registry.js';
import { integrations } from '../../../src/integrations/registry.js';
import { checkDraft } from '../../../src/learning/check-draft.js';
import type { SuggestionDraft } from '../../../src/ledger/playbook-suggestion.js';
import { createLibrary } from '../../../src/playbook/library.js';
import { parsePlaybookTexts } from '../../../src/playbook/load.js';
import { parseTests } from '../../../src/playbook/test/parse.js';
import { findWarnings } from '../../../src/playbook/warn/warnings.js';
import { runTest } from '../../../src/simulation/playbook-test/run-test.js';
import { jobOf } from '../../support/job.js';
import { type Deed, draftOf } from '../../support/lesson.js';

/* Every action that a person can click becomes a playbook that does the same again. */

const actions = createOfflineRegistry();
const jobs = {
  file: 'jobs.yaml',
  text: `jobs:
  clean-disk:
    image: alpine:3.22
    command: [clean]
    inputs:
      node: { type: node }
      days: { type: number }
      folder: { type: string, pattern: ".*", max_length: 300 }
    time_limit: 1m
  flush:
    image: alpine:3.22
    command: [flush]
    inputs: { service: { type: service } }
    time_limit: 1m
  sweep: { image: "alpine:3.22", command: [sweep], time_limit: 1m }
`,
  scripts: [],
};
const texts = { files: [], policy: { file: 'policy.yaml', text: '' }, jobs };

const run = (job: string, values: Readonly<Record<string, string | number>>) => ({
  kind: 'run' as const,
  from: 'absent',
  to: 'started',
  job,
  image: 'alpine:3.22',
  values,
});

interface Case {
  readonly deed: Deed;
  /** A line of the step. */
  readonly step: string;
  /** What follows the second time, as `effects` of a playbook test. */
  readonly again: string;
}

const slow = { alertname: 'ServiceSlow', service: 'web', severity: 'critical' };
const path = '/var/$(rm -rf /)"; ${{ labels.x }}';
const full = { alertname: 'DiskFull', instance: 'node-3:9100', path, severity: 'high' };

const cases: Readonly<Record<string, Case>> = {
  restart: {
    deed: {
      labels: slow,
      action: 'swarm.restart',
      params: { service: 'web' },
      op: { kind: 'restart', from: { forceUpdate: 1 }, to: { forceUpdate: 2 } },
    },
    step: 'service: "${{ labels.service }}"',
    again: '{ web: restart }, { web: restart }',
  },
  rollback: {
    deed: {
      labels: slow,
      action: 'swarm.rollback',
      params: { service: 'web', to: 'web:1' },
      op: {
        kind: 'rollback',
        from: { image: 'web:2', rollout: 'paused' },
        to: { image: 'web:1', rollout: 'rolled_back' },
      },
    },
    step: 'service: "${{ labels.service }}"',
    again: '{ web: rollback }',
  },
  drain: {
    deed: {
      labels: { alertname: 'NodeSick', node: 'node-3', severity: 'critical' },
      action: 'node.drain',
      kind: 'swarm.node',
      target: 'node-3',
      params: { node: 'node-3' },
      op: { kind: 'drain', from: 'active', to: 'drain' },
    },
    step: 'node: "${{ labels.node }}"',
    again: '{ node-3: drain }',
  },
  'job on a node': {
    deed: {
      labels: full,
      action: 'swarm.job',
      kind: 'swarm.node',
      target: 'node-3',
      params: {
        job: 'clean-disk',
        with: { node: 'node-3:9100', days: 3, folder: path },
        definition: jobOf('clean-disk', {
          image: 'alpine:3.22',
          command: ['clean'],
          inputs: {
            node: { type: 'node' },
            days: { type: 'number' },
            folder: { type: 'string', pattern: '.*', max_length: 300 },
          },
          time_limit: '1m',
        }),
      },
      op: run('clean-disk', { node: 'node-3', days: 3, folder: path }),
      later: 2,
    },
    step: 'node: "${{ labels.instance }}"',
    again: '{ clean-disk: run }, { clean-disk: run }',
  },
  'job for a service': {
    deed: {
      // a label that is called like the parameter takes no part
      labels: { ...slow, job: 'flush' },
      action: 'swarm.job',
      target: 'web',
      params: {
        job: 'flush',
        with: { service: 'web' },
        definition: jobOf('flush', {
          image: 'alpine:3.22',
          command: ['flush'],
          inputs: { service: { type: 'service' } },
          time_limit: '1m',
        }),
      },
      op: run('flush', { service: 'web' }),
    },
    step: 'job: flush',
    again: '{ flush: run }, { flush: run }',
  },
  'job of its own': {
    deed: {
      labels: { alertname: 'Dusty' },
      action: 'swarm.job',
      kind: 'swarm.job',
      target: 'sweep',
      params: {
        job: 'sweep',
        with: {},
        definition: jobOf('sweep', { image: 'alpine:3.22', command: ['sweep'], time_limit: '1m' }),
      },
      op: run('sweep', {}),
    },
    step: 'job: sweep',
    again: '{ sweep: run }, { sweep: run }',
  },
};

/** Runs a file of tests beside a draft; the differences. */
async function differences(draft: SuggestionDraft, testText: string): Promise<readonly string[]> {
  const loaded = parsePlaybookTexts({ ...texts, files: [draft] }, actions);
  expect(loaded.problems).toEqual([]);
  expect(findWarnings(loaded)).toEqual([]);
  const { parsed, problems } = parseTests('again.test.yaml', testText, [draft.name]);
  expect(problems).toEqual([]);
  if (parsed === undefined) return ['unreadable'];
  const set = { ...loaded, library: createLibrary(loaded.playbooks) };
  const results = await Promise.all(
    parsed.tests.tests.map((_, index) => runTest(index, parsed.tests, set)),
  );
  return results.flatMap((one) => one.differences.flatMap(({ what, lines }) => [what, ...lines]));
}

describe.each(Object.entries(cases))('a playbook of a %s', (_, { deed, step, again }) => {
  test('can be loaded, warns of nothing and passes its own tests', async () => {
    const draft = await draftOf(deed, { jobs });
    expect(draft.warnings).toEqual([]);
    expect(draft.text).toContain(step);
    expect(draft.text).toContain('mode: approve');
    expect(await differences(draft, draft.testText)).toEqual([]);
  });

  test('does the same the second time', async () => {
    const draft = await draftOf(deed, { jobs });
    // the same alert comes back after a day; what can be done once only is not done twice
    const testText = `${draft.testText}
  - name: the same alert, a day later
    alerts:
      - { labels: *alert, fires: 0s, resolves: 30m }
      - { labels: *alert, fires: 1d }
    people:
      - { at: 1m, by: ada, chooses: Approve }
${again.includes('},') ? '      - { at: 1d1m, by: ada, chooses: Approve }' : ''}
    expect: [{ at: 1d30m, effects: [${again}] }]
`;
    expect(await differences(draft, testText)).toEqual([]);
  });

  test.each([
    ['acts by itself', /^mode: approve$/m, 'mode: auto'],
    ['matches every alert', /match:[\s\S]*?(?=\n\w)/, 'match: alertname =~ ".*"'],
    ['matches none', /match:[\s\S]*?(?=\n\w)/, 'match: alertname = "Nothing"'],
    [
      'does something else',
      /^ {2}- (swarm|node)\.\w+:\n(?: {6}.*\n)+/m,
      '  - swarm.scale: { service: other, by: 1, max: 9 }\n',
    ],
  ])('its tests fail when it %s', async (_how, pattern, damage) => {
    const draft = await draftOf(deed, { jobs });
    const text = draft.text.replace(pattern, damage);
    expect(text).not.toBe(draft.text);
    const about = { labels: deed.labels ?? {}, annotations: {}, workerAsg: '' };
    const faults = await checkDraft({ ...draft, text }, texts, actions, about);
    expect(faults.join()).toContain('its test');
  });
});

test('every action that integrations offer as a button can be learned', () => {
  const labels = { service: 'web', asg: 'workers', node: 'node-3' };
  const offers = integrations.flatMap((one) => one.offers?.(labels, {}) ?? []);
  const names = offers
    .flatMap(({ sizes, changes }) => [...sizes, ...changes])
    .map((one) => one.action);
  expect(names.length).toBeGreaterThan(4);
  for (const name of names) expect(actions.get(name)?.learn, name).toBeDefined();
});

test('what an alert says in a text is data in the playbook, too', async () => {
  const draft = await draftOf(cases['job on a node']?.deed, { jobs });
  expect(draft.text).toContain('folder: "${{ labels.path }}"');
  const other = { ...cases['job on a node']?.deed, labels: { ...full, path: '/other' } };
  const quoted = await draftOf(other, { jobs });
  expect(quoted.warnings).toEqual([]);
  expect(quoted.text).toContain('${{ "/var/$(rm -rf /)\\');
});

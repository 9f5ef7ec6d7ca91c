import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type DecideInput, decide } from '../../../../src/engine/decision/decide.js';
import { applyAlert } from '../../../../src/engine/episode/apply-alert.js';
import type { Resolution } from '../../../../src/engine/reading/resolve.js';
import { noSettings } from '../../../../src/engine/reading/target-settings.js';
import type { Plan } from '../../../../src/integrations/contract/action.js';
import type { Episode } from '../../../../src/ledger/episode.js';
import type { Preview } from '../../../../src/ledger/run.js';
import { allAtOnce } from '../../../../src/lib/steps.js';
import { createLibrary } from '../../../../src/playbook/library.js';
import { createPlaybookParser } from '../../../../src/playbook/parse.js';
import type { Playbook } from '../../../../src/playbook/playbook.js';
import { defaultPolicy } from '../../../../src/playbook/policy.js';
import { selectPlaybooks } from '../../../../src/playbook/select.js';
import { sampleChange, sampleStep } from '../../ledger/sample-run.js';
import { testAction } from '../../playbook/test-action.js';

const action = testAction('test.scale', z.strictObject({ service: z.string() }));
const parseSteps = createPlaybookParser(new Map([[action.name, action]]));
const parse = (file: string, text: string) => allAtOnce(parseSteps(file, text));
const labels = { alertname: 'Slow', service: 'web' };

function playbook(settings: string): Playbook {
  const steps = settings.includes('ignore') ? '' : 'steps: [{ test.scale: { service: web } }]';
  const { parsed, problems } = parse('p.yaml', `summary: A test.\n${settings}\n${steps}\n`);
  const [found] = parsed;
  if (found === undefined) throw new Error(JSON.stringify(problems));
  return found.playbook;
}

const named = (name: string, more = 'mode: auto') =>
  playbook(`name: ${name}\nmatch: alertname = "Slow"\n${more}`);

function episode(fields: Partial<Episode> = {}): Episode {
  const alert = {
    status: 'firing',
    labels,
    annotations: {},
    startsAtMs: 10,
    endsAtMs: null,
    generatorUrl: '',
    fingerprint: 'a',
  } as const;
  const delivery = {
    identity: 'f00d',
    source: 's',
    groupKey: 'g',
    externalUrl: '',
    receivedAtMs: 1_000,
    nowMs: 1_000,
  };
  return { ...applyAlert(null, alert, delivery).episode, ...fields };
}

const plan: Plan = sampleChange(2, 3);
const preview: Preview = {
  name: 'web',
  unit: 'replicas',
  from: 2,
  operations: [sampleChange(2, 3).op],
  detail: '',
};
const resolved = (planned: Plan): Resolution => ({
  kind: 'resolved',
  steps: [sampleStep()],
  plan: planned,
  preview: planned.kind === 'change' ? [preview] : [{ ...preview, operations: [] }],
  ownerSettings: noSettings,
});

function input(playbooks: Playbook[], resolution: Resolution, fields: Partial<Episode> = {}) {
  const selection = selectPlaybooks(createLibrary(playbooks), {
    labels,
    annotations: {},
    worker_asg: '',
  });
  const resolutions = new Map(playbooks.map(({ name }) => [name, resolution]));
  return {
    episode: episode(fields),
    selection,
    resolutions,
    policy: defaultPolicy,
    openBreakers: new Set<string>(),
    nowMs: 1_000,
  } satisfies DecideInput;
}

describe('a playbook that matches', () => {
  test('runs by itself in mode auto', () => {
    const p = named('p');
    expect(decide(input([p], resolved(plan)))).toEqual([
      { kind: 'run', playbook: p, steps: [sampleStep()], plan, shown: null, ask: null },
    ]);
  });

  test('asks a person first while its breaker is open, and says so', () => {
    const p = named('p');
    const open = { ...input([p], resolved(plan)), openBreakers: new Set(['p']) };
    expect(decide(open)).toMatchObject([{ kind: 'run', ask: 'breaker' }]);
    const other = { ...open, openBreakers: new Set(['q']) };
    expect(decide(other)).toMatchObject([{ kind: 'run', ask: null }]);
  });

  test('asks a person first in mode approve, which is what it does when nothing is said', () => {
    const modes = [named('p', 'mode: approve'), named('p', '')];
    for (const p of modes) {
      expect(decide(input([p], resolved(plan)))).toMatchObject([{ kind: 'run', ask: 'approval' }]);
    }
  });

  test('asks a person first where the owner of its target wants that', () => {
    const ownerSettings = { ...noSettings, approve: { id: 'swarm.service/a', name: 'web' } };
    const asking = { ...resolved(plan), ownerSettings } as Resolution;
    expect(decide(input([named('p')], asking))).toMatchObject([{ kind: 'run', ask: 'approval' }]);
  });

  test('asks nobody about nothing: at a bound it runs to its end, and what has to wait is held', () => {
    const p = named('p', 'mode: approve');
    const atBound: Plan = { kind: 'at_bound', bound: 'max', detail: 'it has 8' };
    expect(decide(input([p], resolved(atBound)))).toMatchObject([{ kind: 'run', ask: null }]);
    const wait: Plan = { kind: 'wait', detail: 'a rollout' };
    expect(decide(input([p], resolved(wait)))).toMatchObject([
      { kind: 'hold', reason: 'waiting', detail: 'a rollout', untilMs: 31_000 },
    ]);
  });

  test('only shows what it would have done in shadow, and the next one decides', () => {
    const shadow = named('a', 'mode: shadow');
    const next = named('b');
    expect(decide(input([shadow, next], resolved(plan)))).toMatchObject([
      { kind: 'run', playbook: next },
      {
        kind: 'shadow',
        playbook: shadow,
        detail: 'in shadow: it would scale web from 2 to 3 replicas',
        would: { kind: 'run', plan },
      },
    ]);
  });

  test('in shadow alone leaves the alert to a person', () => {
    expect(decide(input([named('a', 'mode: shadow')], resolved(plan)))).toMatchObject([
      { kind: 'escalate', playbook: null, reason: 'no_match' },
      { kind: 'shadow' },
    ]);
  });

  test('in shadow says what it knows where its target was not read', () => {
    const unread = {
      ...input([named('a', 'mode: shadow')], resolved(plan)),
      resolutions: new Map(),
    };
    expect(decide(unread)[1]).toMatchObject({
      kind: 'shadow',
      detail: 'in shadow: it would match this alert',
      would: null,
    });
  });

  test('lets others act too where it says continue', () => {
    const both = [named('a', 'mode: auto\ncontinue: true'), named('b')];
    const rulings = decide(input(both, resolved(plan)));
    expect(rulings.map(({ kind, playbook: p }) => [kind, p?.name])).toEqual([
      ['run', 'a'],
      ['run', 'b'],
    ]);
  });

  test('and says ignore needs neither a target nor a person', () => {
    const p = named('p', 'ignore: true');
    const without = { ...input([p], resolved(plan)), resolutions: new Map() };
    expect(decide(without)).toEqual([{ kind: 'ignore', playbook: p, detail: 'A test.' }]);
  });

  test('is not run twice for one episode, and a person is told after the usual time', () => {
    const spent = { spent: ['p'] };
    expect(decide(input([named('p')], resolved(plan), spent))).toMatchObject([
      { kind: 'hold', reason: 'already_run', untilMs: 1_000 + 15 * 60_000 },
    ]);
    const own = named('p', 'mode: auto\nescalate: { after: 1m }');
    expect(decide(input([own], resolved(plan), spent))).toMatchObject([{ untilMs: 61_000 }]);
  });

  test('runs though another playbook has had its run for the episode', () => {
    const spent = { spent: ['other'] };
    expect(decide(input([named('p')], resolved(plan), spent))).toMatchObject([{ kind: 'run' }]);
  });
});

describe('a target', () => {
  const failed = (temporary: boolean): Resolution => ({
    kind: 'failed',
    reason: temporary ? 'target_unavailable' : 'target_not_found',
    detail: 'why',
    temporary,
  });

  test('that cannot be read for now holds the decision for half a minute', () => {
    expect(decide(input([named('p')], failed(true)))).toMatchObject([
      { kind: 'hold', reason: 'target_unavailable', detail: 'why', untilMs: 31_000 },
    ]);
  });

  test('that cannot be read at all goes to a person', () => {
    expect(decide(input([named('p')], failed(false)))).toMatchObject([
      { kind: 'escalate', reason: 'target_not_found', detail: 'why' },
    ]);
  });

  test.each(['no_bounds', 'unsupported'] as const)(
    'whose plan is refused (%s) goes to a person',
    (reason) => {
      const refused = resolved({ kind: 'refused', reason, detail: 'why' });
      expect(decide(input([named('p')], refused))).toMatchObject([
        { kind: 'escalate', reason, detail: 'why' },
      ]);
    },
  );

  test.each([
    { kind: 'at_bound', bound: 'max', detail: '' },
    { kind: 'wait', detail: '' },
  ] as const)('whose plan is $kind gets its run, which deals with that', (planned) => {
    expect(decide(input([named('p')], resolved(planned)))).toMatchObject([{ kind: 'run' }]);
  });

  test('that nobody has read is a fault of the engine', () => {
    const unread = { ...input([named('p')], resolved(plan)), resolutions: new Map() };
    expect(() => decide(unread)).toThrow('p was selected but not resolved');
  });
});

describe('an alert that no playbook takes', () => {
  test('goes to a person, with the clauses that it missed and by what', () => {
    const near = playbook(
      'name: near\nmatch: [alertname = "Slow", severity = "critical"]\nmode: auto',
    );
    expect(decide(input([near], resolved(plan)))).toEqual([
      {
        kind: 'escalate',
        playbook: null,
        reason: 'no_match',
        detail: 'some playbooks are near misses, but none matches',
        misses: [
          expect.objectContaining({
            playbook: 'near',
            clause: 'severity="critical"',
            actual: 'missing',
          }),
        ],
      },
    ]);
  });

  test('goes to a person with the fault of an expression that kept a playbook away', () => {
    const faulty = named('faulty', 'when: int(labels.service) > 1');
    expect(decide(input([faulty], resolved(plan)))).toMatchObject([
      {
        kind: 'escalate',
        reason: 'expression_failed',
        detail: expect.stringContaining('when: int(labels.service) > 1: '),
      },
    ]);
  });

  test('goes to a person where there are no playbooks at all', () => {
    expect(decide(input([], resolved(plan)))).toMatchObject([
      { kind: 'escalate', reason: 'no_match', misses: [] },
    ]);
  });
});

test('the same input gives the same decision, and is left as it was', () => {
  const given = input([named('a', 'mode: shadow'), named('b')], resolved(plan));
  const before = structuredClone({ episode: given.episode, nowMs: given.nowMs });
  expect(decide(given)).toEqual(decide(given));
  expect({ episode: given.episode, nowMs: given.nowMs }).toEqual(before);
});

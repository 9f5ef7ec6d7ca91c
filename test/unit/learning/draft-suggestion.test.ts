import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createOfflineRegistry } from '../../../src/integrations/offline-registry.js';
import { checkDraft } from '../../../src/learning/check-draft.js';
import { type Deed, draftOf } from '../../support/lesson.js';

const up: Deed = {};
const down: Deed = { from: 3, to: 2 };
const group: Deed = {
  labels: { alertname: 'NodeFull', type: 'node' },
  action: 'asg.resize',
  target: 'workers',
  params: { group: 'workers', by: 1 },
  from: 3,
  to: 4,
};
const actions = createOfflineRegistry();
const noTexts = { files: [], policy: { file: 'policy.yaml', text: '' } };

/** What keeps a draft from being taken after a change to the playbook. */
async function faultsOf(deed: Deed, workerAsg: string, change: (text: string) => string) {
  const draft = await draftOf(deed, { workerAsg });
  const text = change(draft.text);
  const labels = deed.labels ?? { alertname: 'ServiceSlow', service: 'web', severity: 'critical' };
  const about = { labels, annotations: {}, workerAsg };
  const faults = await checkDraft({ ...draft, text }, noTexts, actions, about);
  return { changed: text !== draft.text, faults };
}

test.each([
  ['a service that was given a replica', up, ''],
  ['a service that was taken one', down, ''],
  ['the group of the nodes', group, 'workers'],
  ['a service that had none', { ...up, from: 0, to: 1 }, ''],
])('a draft about %s passes its own tests', async (_, deed, workerAsg) => {
  const draft = await draftOf(deed, { workerAsg });
  expect(draft.warnings).toEqual([]);
  expect(draft.text).toContain('mode: approve');
});

const damages: readonly (readonly [string, RegExp, string])[] = [
  ['acts by itself', /^mode: approve$/m, 'mode: auto'],
  ['only looks on', /^mode: approve$/m, 'mode: shadow'],
  ['takes larger steps', /^( +by: )(-?)1$/m, '$1$29'],
  ['goes further than the person did', /^( +)(max|min): \d+$/m, '$1max: 90\n$1min: 0'],
  ['does not wait for the alert to resolve', /settle: \w+/, 'settle: 1s'],
  ['never rests', /cooldown: \w+/, 'cooldown: 0'],
  ['rests for a day', /cooldown: \w+/, 'cooldown: 1d'],
  ['matches every alert', /match:[\s\S]*?(?=\n\w)/, 'match: alertname =~ ".*"'],
  ['matches none', /match:[\s\S]*?(?=\n\w)/, 'match: alertname = "Nothing"'],
  ['forgets a matcher', /^ {2}- (service|type) = .*\n/m, ''],
];

describe.each([
  ['up', up, ''],
  ['down', down, ''],
  ['a group', group, 'workers'],
])('the tests of a draft (%s)', (_, deed, workerAsg) => {
  test.each(damages)('fail when it %s', async (_how, pattern, damage) => {
    const result = await faultsOf(deed, workerAsg, (text) => text.replace(pattern, damage));
    expect(result.changed).toBe(true);
    expect(result.faults.join()).toContain('its test');
  });
});

test('the target is named by the label, and the service stays the one that a person has seen', async () => {
  const { text } = await draftOf();
  expect(text).toContain('service: "${{ labels.service }}"');
  expect(text).toContain('- service = "web"');
  expect(text).toContain('max: 3');
});

test('a draft has a name of its own among those that there are', async () => {
  const first = await draftOf();
  const second = await draftOf({}, { files: [{ file: 'a.yaml', text: first.text }] });
  expect(first.name).toBe('service-slow-scale-up-web');
  expect(second.name).toBe('service-slow-scale-up-web-2');
  expect(second.warnings.join()).toContain(`${first.name} (a.yaml) comes first`);
});

test('where a playbook comes first that could not act, the draft comes before it', async () => {
  const general = `
name: general
summary: Adds replicas.
match: service != ""
steps: [{ swarm.scale: { service: "\${{ labels.service }}", direction: up } }]
`;
  const files = [{ file: 'all.yaml', text: general }];
  const draft = await draftOf({}, { files, reason: 'no_bounds' });
  expect(draft.file).toMatch(/^0-learned\//);
  expect(draft.warnings).toEqual([]);
});

test('a folder that cannot be used is said, with the place', async () => {
  const draft = await draftOf({}, { files: [{ file: 'bad.yaml', text: 'name: [' }] });
  expect(draft.warnings.join()).toContain('bad.yaml:1:');
});

test('it goes to the channel of the question where that is not the usual one', async () => {
  const policy = 'escalate: { channel: "#ops" }';
  const usual = await draftOf({ channel: '#ops' }, { policy });
  const own = await draftOf({ channel: '#pay' }, { policy });
  expect(usual.text).not.toContain('escalate');
  expect(own.text).toContain('escalate: { channel: "#pay" }');
});

test('whatever an alert says, the draft is a playbook that takes it and passes its tests', async () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 30 });
  const name = fc.oneof(fc.constantFrom('severity', 'job', 'team', 'a.b', 'true'), text);
  await fc.assert(
    fc.asyncProperty(
      text.filter((value) => value !== ''),
      fc.dictionary(
        name.filter((value) => value !== ''),
        text,
        { maxKeys: 4, noNullPrototype: true },
      ),
      text,
      async (alertname, others, by) => {
        const labels = { ...others, alertname, service: 'web' };
        const draft = await draftOf({ labels, by: by || 'ada' });
        expect(draft.warnings).toEqual([]);
      },
    ),
    { numRuns: 60 },
  );
});

import { chmod, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Labels } from '../../src/alertmanager/alert.js';
import { hasPassed } from '../../src/cli/test/report.js';
import { runFiles } from '../../src/cli/test/run-files.js';
import { answerEscalation } from '../../src/engine/people/answer.js';
import { createRecorder } from '../../src/engine/reports/recorder.js';
import { anybodyDecides, type MayDecide, type Person } from '../../src/escalation/person.js';
import { createOfflineRegistry } from '../../src/integrations/offline-registry.js';
import { usableSet } from '../../src/learning/check-draft.js';
import { describeTrial } from '../../src/learning/describe-trial.js';
import { createPlaybookSuggestions } from '../../src/learning/suggestions.js';
import { tryDraft } from '../../src/learning/trial.js';
import type { Choice, Escalation } from '../../src/ledger/escalation.js';
import { createHistory } from '../../src/ledger/history.js';
import { readHistory } from '../../src/ledger/history-lines.js';
import { readWhole } from '../../src/playbook/read.js';
import { addFiles } from '../../src/playbook/write.js';
import { createDeciders } from '../../src/slack/deciders.js';
import { type Bench, startBench } from '../support/engine.js';
import { eventually } from '../support/eventually.js';
import { makeDir } from '../support/parts/place.js';

/* What a person did once is offered as a playbook, shown, tried, and written where they accept it. */

const minute = 60_000;
const broken = { alertname: 'Broken', service: 'web', pod: 'web-1' };
const actions = createOfflineRegistry();

let bench: Bench;
let folder: string;
let reloads: number;

beforeEach(async () => {
  bench = await startBench({ playbooks: [] });
  bench.targets.add('web', 2);
  folder = await makeDir('lessons');
  reloads = 0;
  const scaling = scalingAction();
  bench.use(
    bench.another({ suggestsPlaybooks: true, actions: new Map([[scaling.name, scaling]]) }),
  );
});
afterEach(() => bench.stop());

/** The bench's action under the name of the real one, with what that says about learning. */
function scalingAction() {
  const learn = createOfflineRegistry().get('swarm.scale')?.learn;
  return { ...bench.targets.action, name: 'swarm.scale', ...(learn && { learn }) };
}

function lessons() {
  return createPlaybookSuggestions({
    ledger: bench.ledger,
    actions,
    workerAsg: '',
    read: () => readWhole(folder, undefined),
    add: (files) => addFiles(folder, files),
    reload: async () => {
      reloads += 1;
    },
    trial: async ({ before, after, ...rest }) => {
      const trial = await tryDraft({
        ...rest,
        lines: readHistory(bench.ledger, rest.sinceMs),
        before: usableSet(before, actions),
        after: usableSet(after, actions),
        maxDeliveries: 1_000,
      });
      return describeTrial(trial);
    },
    clock: bench.clock,
    wake: bench.wake,
    log: bench.context().log,
  });
}

function answer(
  id: string,
  choiceId: string,
  who: string | Person = 'ada',
  mayDecide: MayDecide = anybodyDecides,
) {
  const person = typeof who === 'string' ? ({ via: 'api', name: who } as const) : who;
  const { ledger, clock, wake } = bench;
  const policy = () => bench.context().active().policy;
  return answerEscalation(
    { ledger, clock, wake, policy, mayDecide, lessons: lessons() },
    { id, choiceId, person },
  );
}

/** The alert fires, a person chooses one replica more, and it resolves (unless told otherwise). */
async function episode(labels: Labels = broken, { resolves = true, by = 1 } = {}): Promise<void> {
  await bench.take([{ labels }], { groupKey: JSON.stringify(labels) });
  const question = (await bench.escalations()).findLast(({ value }) => value.kind === 'unmatched');
  if (question === undefined) throw new Error('nobody was asked');
  const size = bench.targets.size('web');
  const choice: Choice = {
    id: 'up',
    label: `Scale web ${size} → ${size + by}`,
    style: undefined,
    does: {
      kind: 'act',
      action: 'swarm.scale',
      params: { service: 'web', by, ...(by > 0 ? { max: size + by } : { min: size + by }) },
      target: { id: 'test.service/web', name: 'web' },
    },
  };
  const offered = { ...question.value, choices: [choice] };
  const { check, writes } = bench.ledger.saveEscalation(question, offered, null);
  await bench.ledger.commit({ checks: [check], writes, nowMs: bench.clock.now() });
  await answer(question.value.id, 'up');
  await bench.pass(minute);
  if (resolves)
    await bench.take([{ labels, resolved: true }], { groupKey: JSON.stringify(labels) });
  await bench.pass(10 * minute);
}

async function offers(): Promise<readonly Escalation[]> {
  const all = await bench.escalations();
  return all.map(({ value }) => value).filter(({ kind }) => kind === 'lesson');
}

async function onlyOffer(): Promise<Escalation> {
  const [first, ...others] = await offers();
  if (first === undefined || others.length > 0) throw new Error('expected one offer');
  return first;
}

/** What the trial of the draft showed, as soon as it is there. */
function trialOf() {
  return eventually(
    'the draft is tried',
    async () => (await onlyOffer()).lesson?.draft?.trial,
    (trial) => typeof trial === 'string',
  );
}

describe('the offer', () => {
  test('is made when what a person chose helped', async () => {
    await episode();
    expect(await onlyOffer()).toMatchObject({
      state: 'open',
      reason: 'learned',
      title: 'Broken: web',
      detail: expect.stringContaining('ada chose to scale web from 2 to 3 replicas'),
      choices: [{ label: 'Make this a playbook' }, { label: 'Not now' }],
    });
  });

  test('is not made where the alert went on', async () => {
    await episode(broken, { resolves: false });
    expect(await offers()).toEqual([]);
  });

  test('is not made where a playbook takes such alerts by now', async () => {
    const covers = `
name: covers
summary: Adds a replica.
match: alertname = "Broken"
steps: [{ test.scale: { service: web, by: 1, max: 8 } }]
`;
    await bench.take([{ labels: broken }], { groupKey: JSON.stringify(broken) });
    await bench.reload({ playbooks: [covers] });
    const scaling = scalingAction();
    const { active } = bench.context();
    const engine = bench.another({
      suggestsPlaybooks: true,
      actions: new Map([[scaling.name, scaling]]),
      active,
    });
    bench.use(engine);
    await episode();
    expect((await bench.runs())[0]?.outcome).toMatchObject({ reason: 'resolved' });
    expect(await offers()).toEqual([]);
  });

  test('is made once for the same thing, answered or not, until a month has passed', async () => {
    await episode();
    const { id } = await onlyOffer();
    await answer(id, 'not-now');
    expect(await onlyOffer()).toMatchObject({ state: 'answered', answer: { by: 'ada' } });
    await episode();
    expect(await offers()).toHaveLength(1);
    const [key] = await bench.redis.keys(`{${bench.cell}}:ledger:lesson:*`);
    const days = (await bench.redis.pttl(key ?? '')) / (24 * 60 * minute);
    expect(Math.round(days)).toBe(30);
  });

  test('is made again for the opposite, and for another alert', async () => {
    await episode();
    await episode(broken, { by: -1 });
    await episode({ ...broken, alertname: 'Other' });
    expect(await offers()).toHaveLength(3);
  });

  test('ends by itself after a week', async () => {
    await episode();
    await bench.pass(7 * 24 * 60 * minute);
    expect(await onlyOffer()).toMatchObject({ state: 'expired' });
  });
});

describe('the draft', () => {
  test('is shown to whoever asks for it, and leaves the offer open', async () => {
    await episode();
    const { id } = await onlyOffer();
    expect(await answer(id, 'draft', 'bob')).toMatchObject({ kind: 'accepted' });
    expect(await onlyOffer()).toMatchObject({
      state: 'open',
      choices: [{ label: 'Accept' }, { label: 'Not now' }],
      lesson: {
        draft: {
          file: 'learned/broken-scale-up-web.yaml',
          text: expect.stringContaining('mode: approve'),
          warnings: [],
          notes: ['Left out of its matchers: pod: it names one instance.'],
        },
      },
    });
    const drafted = (await bench.audited('escalation')).find(({ event }) => event === 'drafted');
    expect(drafted).toMatchObject({ id, by: 'bob', detail: 'broken-scale-up-web' });
  });

  test('leaves out what differed between alerts that got the same answer', async () => {
    await episode({ ...broken, zone: 'a' });
    await episode({ ...broken, zone: 'b' });
    await answer((await onlyOffer()).id, 'draft');
    const { lesson } = await onlyOffer();
    expect(lesson?.draft?.text).not.toContain('zone');
    expect(lesson?.draft?.notes.join()).toContain('zone: it differed');
  });

  test('says what it would have done with what was received', async () => {
    const { active, metrics, log, clock } = bench.context();
    const history = createHistory(bench.ledger);
    const recorder = createRecorder({ history, active, clock, metrics, log });
    const record = recorder.recording(async () => {}, 'webhook');
    for (let day = 0; day < 3; day += 1) {
      await record([bench.notification([{ labels: broken }, { labels: { alertname: 'Else' } }])]);
      bench.clock.advance(10 * minute);
      await record([bench.notification([{ labels: broken, resolved: true }])]);
      bench.clock.advance(24 * 60 * minute);
    }
    await episode();
    await answer((await onlyOffer()).id, 'draft');
    expect(await trialOf()).toContain('it would match 3 alerts, ask');
    expect((await onlyOffer()).lesson?.draft?.trial).toContain('to a person (no_match) 3');
  });

  test('whose trial a stop has cut short is tried after the next start', async () => {
    await episode();
    const { id, lesson } = await onlyOffer();
    if (lesson === undefined) throw new Error('there is no lesson');
    const draft = await lessons().draft(lesson);
    if ('fault' in draft) throw new Error(draft.fault);
    const stored = await bench.ledger.escalation(id);
    if (stored === null) throw new Error('it is gone');
    const cut = { ...stored.value, lesson: { ...lesson, draft } };
    const { check, writes } = bench.ledger.saveEscalation(stored, cut, null);
    await bench.ledger.commit({ checks: [check], writes, nowMs: bench.clock.now() });
    await lessons().catchUp();
    expect(await trialOf()).toContain('No backtest');
  });

  test('says that there is no history where there is none', async () => {
    await episode();
    await answer((await onlyOffer()).id, 'draft');
    expect(await trialOf()).toContain('No backtest');
  });
});

describe('accepting', () => {
  async function drafted(): Promise<string> {
    await episode();
    const { id } = await onlyOffer();
    await answer(id, 'draft');
    await trialOf();
    return id;
  }

  test('writes the playbook and its tests, takes the folder over, and says who', async () => {
    const id = await drafted();
    expect(await answer(id, 'accept', 'bob')).toMatchObject({ kind: 'accepted' });
    expect((await readdir(join(folder, 'learned'))).sort()).toEqual([
      'broken-scale-up-web.test.yaml',
      'broken-scale-up-web.yaml',
    ]);
    expect(reloads).toBe(1);
    expect(await onlyOffer()).toMatchObject({
      state: 'answered',
      answer: { by: 'bob', label: 'Accept' },
      lesson: { written: 'learned/broken-scale-up-web.yaml' },
    });
    const answered = (await bench.audited('escalation')).at(-1);
    expect(answered).toMatchObject({ id, event: 'answered', reason: 'learned', by: 'bob' });
    const results = await runFiles({ paths: [folder], folder, policy: undefined, only: '' });
    expect(results).toHaveLength(1);
    expect(results.every(hasPassed)).toBe(true);
  });

  test('twice says so', async () => {
    const id = await drafted();
    await answer(id, 'accept', 'bob');
    expect(await answer(id, 'accept', 'cleo')).toMatchObject({
      kind: 'too_late',
      escalation: { answer: { by: 'bob' } },
    });
  });

  test('by two at once writes it once, and one of them is told that it was the other', async () => {
    const id = await drafted();
    const results = await Promise.all(['bob', 'cleo'].map((name) => answer(id, 'accept', name)));
    expect(results.map(({ kind }) => kind).sort()).toEqual(['accepted', 'too_late']);
    expect(await readdir(join(folder, 'learned'))).toHaveLength(2);
  });

  test('again after a crash between writing and recording finds the files there', async () => {
    const id = await drafted();
    const { lesson } = await onlyOffer();
    const { file = '', text = '', testFile = '', testText = '' } = lesson?.draft ?? {};
    await addFiles(folder, [
      { file: testFile, text: testText },
      { file, text },
    ]);
    expect(await answer(id, 'accept')).toMatchObject({ kind: 'accepted' });
  });

  test('never writes over another file, and leaves nothing half-done', async () => {
    const id = await drafted();
    const path = join(folder, 'learned/broken-scale-up-web.test.yaml');
    await mkdir(join(folder, 'learned'));
    await writeFile(path, '# mine');
    const result = await answer(id, 'accept');
    expect(result).toMatchObject({ kind: 'not_done', why: expect.stringContaining('EEXIST') });
    expect(await readdir(join(folder, 'learned'))).toEqual(['broken-scale-up-web.test.yaml']);
    expect(await readFile(path, 'utf8')).toBe('# mine');
    expect(await onlyOffer()).toMatchObject({
      state: 'open',
      lesson: { fault: expect.stringContaining('by hand') },
      choices: [{ label: 'Accept' }, { label: 'Draft again' }, { label: 'Not now' }],
    });
  });

  test('goes on with a new draft where its name was taken meanwhile', async () => {
    const id = await drafted();
    const other = 'name: broken-scale-up-web\nsummary: Mine.\nmatch: a = "b"\nignore: true\n';
    await writeFile(join(folder, 'mine.yaml'), other);
    expect(await answer(id, 'accept')).toMatchObject({ kind: 'not_done' });
    expect(await answer(id, 'draft')).toMatchObject({ kind: 'accepted' });
    expect(await onlyOffer()).toMatchObject({
      choices: [{ label: 'Accept' }, { label: 'Not now' }],
      lesson: { fault: null, draft: { name: 'broken-scale-up-web-2' } },
    });
    // a click on what the draft before showed is no yes to this one
    expect(await answer(id, 'accept')).toMatchObject({ kind: 'unknown_choice' });
    expect(await readdir(folder)).toEqual(['mine.yaml']);
    const [accept] = (await onlyOffer()).choices ?? [];
    expect(await answer(id, accept?.id ?? '')).toMatchObject({
      kind: 'accepted',
      escalation: { lesson: { written: 'learned/broken-scale-up-web-2.yaml' } },
    });
  });

  test('is refused where another playbook takes such alerts by now', async () => {
    const id = await drafted();
    const first = 'name: first\nsummary: Takes all.\nmatch: alertname != ""\nignore: true\n';
    await writeFile(join(folder, 'a.yaml'), first);
    expect(await answer(id, 'accept')).toMatchObject({
      kind: 'not_done',
      why: expect.stringContaining('first (a.yaml) comes first'),
    });
    expect(await readdir(folder)).toEqual(['a.yaml']);
  });

  test('a folder that cannot be written leaves the draft to be put there by hand', async () => {
    const id = await drafted();
    await writeFile(join(folder, 'learned'), 'a file where a folder is wanted');
    await chmod(folder, 0o555);
    const result = await answer(id, 'accept');
    await chmod(folder, 0o755);
    expect(result).toMatchObject({
      kind: 'not_done',
      why: expect.stringMatching(
        /Jidoka cannot write to the playbook folder .* put learned\/.* there by hand/,
      ),
    });
  });

  test('while the folder is away writes nothing, and does not make a new one of it', async () => {
    const id = await drafted();
    await rename(folder, `${folder}-away`);
    const why = expect.stringContaining('the playbook folder cannot be read');
    expect(await answer(id, 'accept')).toMatchObject({ kind: 'not_done', why });
    expect(await answer(id, 'draft')).toMatchObject({ kind: 'not_done', why });
    await expect(addFiles(folder, [{ file: 'learned/a.yaml', text: '' }])).rejects.toThrow(
      'ENOENT',
    );
    await rename(`${folder}-away`, folder);
    expect(await answer(id, 'accept')).toMatchObject({ kind: 'accepted' });
    expect(reloads).toBe(1);
  });

  test('in Slack is for the approvers of the policy, at each of its clicks', async () => {
    await episode();
    const { id } = await onlyOffer();
    const people = { team: async () => 'T1', members: async () => [], openForm: async () => {} };
    const { mayDecide } = createDeciders({
      approversOf: (playbook) => (playbook === null ? { users: ['U1'], groups: [] } : undefined),
      slack: people,
      clock: bench.clock,
    });
    const clicks = (user: string, choiceId: string) =>
      answer(id, choiceId, { via: 'slack', id: user, team: 'T1', name: user }, mayDecide);
    for (const choiceId of ['draft', 'not-now']) {
      expect(await clicks('U3', choiceId)).toMatchObject({ kind: 'not_allowed' });
    }
    expect((await onlyOffer()).lesson?.draft).toBeNull();
    expect(await clicks('U1', 'draft')).toMatchObject({ kind: 'accepted' });
    expect(await clicks('U3', 'accept')).toMatchObject({
      kind: 'not_allowed',
      why: expect.stringContaining('They are U1'),
    });
    expect(await readdir(folder)).toEqual([]);
    expect(await clicks('U1', 'accept')).toMatchObject({ kind: 'accepted' });
    const refused = (await bench.audited('escalation')).filter(({ event }) => event === 'refused');
    expect(refused).toMatchObject([{ by: 'U3 (U3)' }, { by: 'U3 (U3)' }, { by: 'U3 (U3)' }]);
  });

  test('is for those who may decide', async () => {
    const id = await drafted();
    const nobody: MayDecide = async () => ({ allowed: false, why: 'not you' });
    expect(await answer(id, 'accept', 'eve', nobody)).toEqual({
      kind: 'not_allowed',
      why: 'not you',
    });
    expect(await readdir(folder)).toEqual([]);
  });
});

import { expect, test, vi } from 'vitest';
import { service, simulate } from '../../support/simulate.js';

/* Nothing of all this waits in real time: the engine's own pauses between tries are never reached. */
vi.mock('node:timers/promises', () => ({
  setTimeout: () => Promise.reject(new Error('a simulation slept')),
}));

const scaleUp = `
name: scale-up
summary: Adds a replica.
match: alertname = "Slow"
mode: auto
steps:
  - swarm.scale: { service: "\${{ labels.service }}", by: 1, max: 4 }
    settle: 2m
    repeat: 2
guards: { cooldown: 0 }
`;
const slow = { alertname: 'Slow', service: 'web' };

test('an alert fires, its playbook acts, the target converges and the alert resolves, on a clock that is held', async () => {
  const story = simulate({ playbooks: scaleUp, services: { web: service(2) } });
  await story.fires(0, slow);
  expect(story.effects).toEqual(['0s web 2 → 3']);
  await story.resolves(60_000, slow);
  expect(story.events('run')).toEqual([
    '0s admitted',
    '0s applying',
    '0s applied',
    '0s looked',
    '6s104ms converged',
    '1m ended',
  ]);
  expect(story.messages).toEqual([]);
});

test('what falls due before a notification happens before it, in the order of time', async () => {
  const story = simulate({ playbooks: scaleUp, services: { web: service(2) } });
  await story.fires(0, slow);
  await story.fires(3_600_000, { alertname: 'Slow', service: 'other' });
  expect(story.effects).toEqual(['0s web 2 → 3', '2m6s104ms web 3 → 4']);
  expect(story.messages).toMatchObject([
    { atMs: story.startMs + 252_208, title: 'Slow: web' },
    { title: 'Slow: other' },
  ]);
});

test('the same input gives the same story, ids included', async () => {
  const tell = async () => {
    const story = simulate({ playbooks: scaleUp, services: { web: service(2) } });
    for (let index = 0; index < 20; index += 1) {
      await story.fires(index * 1_000, { alertname: 'Slow', service: 'web', index: `${index}` });
    }
    await story.simulation.advanceTo(story.startMs + 3_600_000);
    return { records: story.records, effects: story.effects, messages: story.messages };
  };
  expect(await tell()).toEqual(await tell());
});

test('a question that nobody answers expires, and the person is told that nothing was done', async () => {
  const story = simulate({
    playbooks: scaleUp.replace('auto', 'approve'),
    policy: 'approval_expires: 30m',
    services: { web: service(2) },
  });
  await story.fires(0, slow);
  await story.simulation.advanceTo(story.startMs + 3_600_000);
  expect(story.messages.map(({ escalation }) => escalation.reason)).toEqual([
    'approval',
    'expired',
  ]);
  expect(story.events('run')).toEqual(['0s asked', '30m ended']);
  expect(story.effects).toEqual([]);
});

test('a click goes the way of any answer, and only the first counts', async () => {
  const story = simulate({
    playbooks: scaleUp.replace('auto', 'approve'),
    services: { web: service(2) },
  });
  await story.fires(0, slow);
  const [asked] = story.messages;
  const click = (choice: string) =>
    story.simulation.answer(asked?.escalation.id ?? '', choice, 'ada');
  expect((await click('approve')).kind).toBe('accepted');
  expect((await click('deny')).kind).toBe('too_late');
  expect(story.effects).toEqual(['0s web 2 → 3']);
});

test('an alert about a busy service waits, and is decided the moment the run before it ends', async () => {
  const other = scaleUp.replace('name: scale-up', 'name: other').replace('"Slow"', '"Slower"');
  const story = simulate({ playbooks: `${scaleUp}---${other}`, services: { web: service(2) } });
  await story.fires(0, slow);
  await story.fires(1_000, { alertname: 'Slower', service: 'web' });
  await story.resolves(70_500, slow);
  expect(story.events('run').filter((event) => /admitted|ended/.test(event))).toEqual([
    '0s admitted',
    '1m10s500ms ended',
    '1m10s500ms admitted',
  ]);
});

test('an alert that is not heard of any more is given up after stale_after, to the minute', async () => {
  const story = simulate({ playbooks: scaleUp, policy: 'alertmanager: { stale_after: 2h }' });
  await story.fires(0, { alertname: 'Odd' });
  await story.fires(30 * 60_000, { alertname: 'Odd' });
  await story.simulation.advanceTo(story.startMs + 149 * 60_000);
  expect(story.events('episode').at(-1)).toBe('0s escalated');
  await story.simulation.advanceTo(story.startMs + 151 * 60_000);
  expect(story.events('episode').at(-1)).toBe('2h30m closed');
});

test('an alert that was given up and fires anew is another one', async () => {
  const story = simulate({ playbooks: scaleUp, policy: 'alertmanager: { stale_after: 2h }' });
  await story.fires(0, { alertname: 'Odd' });
  await story.resolves(5 * 3_600_000, { alertname: 'Odd' });
  await story.fires(6 * 3_600_000, { alertname: 'Odd' });
  expect(story.events('episode')).toEqual([
    '0s opened',
    '0s escalated',
    '2h closed',
    '6h opened',
    '6h escalated',
  ]);
});

test('an alert that fires anew before its silence was noticed is another one, too', async () => {
  const story = simulate({ playbooks: scaleUp, policy: 'alertmanager: { stale_after: 2h }' });
  await story.fires(30_000, { alertname: 'Odd' });
  await story.firesAnew(2 * 3_600_000 + 45_000, { alertname: 'Odd' });
  expect(story.events('episode')).toEqual([
    '30s opened',
    '30s escalated',
    '2h45s closed',
    '2h45s opened',
    '2h45s escalated',
  ]);
});

test('what is planned for one moment happens in the order in which it was planned', async () => {
  const story = simulate({ playbooks: scaleUp, services: { web: service(2) } });
  const { simulation, startMs } = story;
  const seen: string[] = [];
  for (const name of ['first', 'second']) {
    simulation.plan(startMs + 60_000, async () => {
      await story.fires(60_000, { alertname: name });
      seen.push(`${name} ${simulation.clock.now() - startMs}`);
    });
  }
  simulation.plan(startMs + 30_000, async () => {
    seen.push('before');
  });
  await simulation.advanceTo(startMs + 120_000);
  expect(seen).toEqual(['before', 'first 60000', 'second 60000']);
});

test('services and groups may be made up when they are first asked for', async () => {
  const story = simulate({
    playbooks: scaleUp,
    services: new Proxy({}, { get: () => service(7) }),
  });
  await story.fires(0, { alertname: 'Slow', service: 'anything' });
  expect(story.simulation.sizeOf('services', 'anything')).toBe(7);
  expect(story.messages[0]?.escalation.reason).toBe('at_bound');
});

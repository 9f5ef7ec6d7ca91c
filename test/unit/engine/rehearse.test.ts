import { expect, test } from 'vitest';
import { rehearse, service } from '../../support/rehearsal.js';

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
  const story = rehearse({ playbooks: scaleUp, services: { web: service(2) } });
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
  const story = rehearse({ playbooks: scaleUp, services: { web: service(2) } });
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
    const story = rehearse({ playbooks: scaleUp, services: { web: service(2) } });
    for (let index = 0; index < 20; index += 1) {
      await story.fires(index * 1_000, { alertname: 'Slow', service: 'web', index: `${index}` });
    }
    await story.rehearsal.advanceTo(story.startMs + 3_600_000);
    return { records: story.records, effects: story.effects, messages: story.messages };
  };
  expect(await tell()).toEqual(await tell());
});

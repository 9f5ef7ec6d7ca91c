import { describe, expect, test, vi } from 'vitest';
import { service, simulate } from '../../../support/simulate.js';

/* Nothing of all this waits in real time: the engine's own pauses between tries are never reached. */
vi.mock('node:timers/promises', () => ({
  setTimeout: () => Promise.reject(new Error('a simulation slept')),
}));

const playbook = (mode: string, more = '') => `
name: scale-up
summary: Adds a replica.
match: alertname = "Slow"
mode: ${mode}
steps:
  - swarm.scale: { service: "\${{ labels.service }}", by: 1, max: 4 }
    settle: 2m
    repeat: 2
guards: { cooldown: 0 }
${more}`;
const slow = { alertname: 'Slow', service: 'web' };
const owned = (labels: Record<string, string>) => ({ web: service(2, { labels }) });

describe('what the owner of a service says on it', () => {
  test('jidoka.mode=shadow: a playbook in mode auto only shows what it would do, and a person is told', async () => {
    const story = simulate({
      playbooks: playbook('auto'),
      services: owned({ 'jidoka.mode': 'shadow' }),
    });
    await story.fires(0, slow);
    await story.simulation.advanceTo(story.startMs + 600_000);
    expect(story.effects).toEqual([]);
    expect(story.messages.map(({ escalation: { reason, detail } }) => [reason, detail])).toEqual([
      [
        'target_shadow',
        'scale-up: service web has the label jidoka.mode=shadow; it would scale web from 2 to 3 replicas, and one more time while the alert fires, up to 4' +
          '\nNo bound: no maximum and no minimum is set for service web. Each button goes exactly to the size that it shows.',
      ],
    ]);
  });

  test('jidoka.mode=approve: a person is asked though the playbook is in mode auto', async () => {
    const story = simulate({
      playbooks: playbook('auto'),
      services: owned({ 'jidoka.mode': 'approve' }),
    });
    await story.fires(0, slow);
    expect(story.effects).toEqual([]);
    expect(story.messages.map(({ escalation }) => escalation.reason)).toEqual(['approval']);
  });

  test('jidoka.mode=auto: a playbook in mode approve asks all the same', async () => {
    const story = simulate({
      playbooks: playbook('approve'),
      services: owned({ 'jidoka.mode': 'auto' }),
    });
    await story.fires(0, slow);
    expect(story.messages.map(({ escalation }) => escalation.reason)).toEqual(['approval']);
  });

  test('it is heeded before each step: shadow ends the run, approve asks from there on', async () => {
    for (const [mode, reason] of [
      ['shadow', 'target_shadow'],
      ['approve', 'approval'],
    ]) {
      const services = owned({});
      const story = simulate({ playbooks: playbook('auto'), services });
      await story.fires(0, slow);
      Object.assign(services, owned({ 'jidoka.mode': mode ?? '' }));
      await story.simulation.advanceTo(story.startMs + 300_000);
      expect(story.effects).toEqual(['0s web 2 → 3']);
      expect(story.messages.map(({ escalation }) => escalation.reason)).toEqual([reason]);
    }
  });

  test('jidoka.channel: its questions and reports go there, unless the playbook names a channel', async () => {
    const services = owned({ 'jidoka.channel': '#web', 'jidoka.mode': 'approve' });
    const policy = 'escalate: { channel: "#ops" }';
    for (const [more, channel] of [
      ['', '#web'],
      ['escalate: { channel: "#payments" }', '#payments'],
    ]) {
      const story = simulate({ playbooks: playbook('auto', more), policy, services });
      await story.fires(0, slow);
      expect(story.messages.map((message) => message.channel)).toEqual([channel]);
    }
  });

  test('jidoka.owner: whoever is asked reads whose it is', async () => {
    const labels = { 'jidoka.owner': 'Payments' };
    const asked = simulate({ playbooks: playbook('approve'), services: owned(labels) });
    await asked.fires(0, slow);
    expect(asked.messages[0]?.text).toContain('up to 4 (owner: Payments).');
    const unmatched = simulate({ playbooks: playbook('auto'), services: owned(labels) });
    await unmatched.fires(0, { alertname: 'Odd', service: 'web' });
    expect(unmatched.messages[0]?.text).toContain('Owner of service web: Payments.');
  });

  test('a label that cannot be read: nothing is done with the service, and it is told once', async () => {
    const story = simulate({
      playbooks: playbook('auto'),
      services: owned({ 'com.df.scaleMax': 'four', 'jidoka.channel': '#web' }),
    });
    for (const index of [0, 1, 2]) {
      await story.fires(index * 60_000, { ...slow, instance: `${index}` });
    }
    await story.simulation.advanceTo(story.startMs + 600_000);
    expect(story.effects).toEqual([]);
    expect(new Set(story.messages.map(({ escalation }) => escalation.id)).size).toBe(1);
    expect(story.messages[0]).toMatchObject({ channel: '#web' });
    expect(story.messages[0]?.escalation).toMatchObject({
      reason: 'labels_unreadable',
      detail: expect.stringContaining('label com.df.scaleMax is "four"'),
    });
  });
});

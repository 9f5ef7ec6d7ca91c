import { identityOf } from '../../alert/identity.js';
import { isCommand } from '../../alert/source.js';
import type { PlaybookTest } from '../../playbook/test/schema.js';
import type { Effect } from '../rehearse/world.js';
import type { Stage } from './run-test.js';
import { worldOf } from './world.js';

type TestAlert = PlaybookTest['alerts'][number];

/** Plans the notifications of a test: its alerts fire, are repeated, and resolve. */
export function sendAlerts(stage: Stage): void {
  const { rehearsal, story, test, endMs } = stage;
  for (const alert of test.alerts) {
    const firesAtMs = test.starts + alert.fires;
    let resolved = false;
    const deliver = (atMs: number, status: 'firing' | 'resolved') => {
      rehearsal.plan(atMs, async () => {
        if (resolved) return;
        resolved = status === 'resolved';
        story.delivered(atMs, alert.labels, status);
        await rehearsal.take(notification(alert, firesAtMs, atMs, status));
      });
    };
    deliver(firesAtMs, 'firing');
    // before a repeat of the same moment, which then is none
    if (alert.resolves !== undefined) deliver(test.starts + alert.resolves, 'resolved');
    const everyMs = alert.repeats ?? 0;
    for (let atMs = firesAtMs + everyMs; everyMs > 0 && atMs <= endMs; atMs += everyMs) {
      deliver(atMs, 'firing');
    }
    const { resolves_when: when } = alert;
    if (when === undefined) continue;
    story.onEffect((effect) => {
      const name = nameFor(effect, when);
      const hasFired = rehearsal.clock.now() >= firesAtMs;
      if (!hasFired || effect.name !== name || !helps(effect, when)) return;
      const takesMs = timeToConverge(stage, effect);
      if (takesMs !== null) deliver(effect.atMs + takesMs + when.after, 'resolved');
    });
  }
}

/** The target that the alert waits for, of the kind of an effect. */
function nameFor(
  { kind }: Effect,
  { service, group, call }: NonNullable<TestAlert['resolves_when']>,
) {
  if (kind === 'http') return call;
  return kind === 'asg' ? group : service;
}

/** Whether it is what the alert waits for: a size that was passed, or something else that was done. */
function helps(effect: Effect, { reaches: size, does }: NonNullable<TestAlert['resolves_when']>) {
  if (effect.kind === 'http') return true;
  if (effect.does !== 'resize') return effect.does === does;
  const { from, to } = effect;
  return size !== undefined && ((from < size && to >= size) || (from > size && to <= size));
}

/** `null`: it never gets there. */
function timeToConverge({ file, test }: Stage, { kind, name }: Effect): number | null {
  if (kind === 'http') return 0;
  const world = worldOf(file, test);
  const target = kind === 'asg' ? world.group(name) : world.service(name);
  return target?.reaction.kind === 'converge' ? target.reaction.afterMs : null;
}

function notification(
  { labels, annotations }: TestAlert,
  startsAtMs: number,
  atMs: number,
  status: 'firing' | 'resolved',
) {
  const { command = '' } = labels;
  const iso = (ms: number) => new Date(ms).toISOString();
  const alert = {
    status,
    labels,
    annotations,
    startsAt: iso(startsAtMs),
    endsAt: status === 'resolved' ? iso(atMs) : '0001-01-01T00:00:00Z',
    generatorURL: '',
    fingerprint: identityOf(labels, new Set()).slice(0, 16),
  };
  return {
    source: isCommand(command) ? command : 'alertmanager',
    receivedAtMs: atMs,
    notification: {
      groupKey: 'the test',
      receiver: 'jidoka',
      status,
      truncatedAlerts: 0,
      externalUrl: '',
      groupLabels: {},
      commonLabels: {},
      commonAnnotations: {},
      alerts: [alert],
    },
  } as const;
}

import { identityOf } from '../../alertmanager/identity.js';
import { isCall, type Source } from '../../alertmanager/source.js';
import type { Effect } from '../../integrations/contract/simulation.js';
import type { ResolvesWhen, TestAlert } from '../../playbook/test/alert-schema.js';
import type { Stage } from './stage.js';

type SourcedAlert = TestAlert & { readonly source: Source };

/** Plans the notifications of a test: its alerts fire, are repeated, and resolve. */
export function sendAlerts(stage: Stage): void {
  const { simulation, story, test, endMs, kinds } = stage;
  for (const given of test.alerts) {
    const alert = fromSource(given);
    const firesAtMs = test.starts + alert.fires;
    let resolved = false;
    const deliver = (atMs: number, status: 'firing' | 'resolved') => {
      simulation.plan(atMs, async () => {
        if (resolved) return;
        resolved = status === 'resolved';
        story.delivered(atMs, alert, status);
        await simulation.take(notification(alert, firesAtMs, atMs, status));
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
      const { kind, name, atMs, takesMs } = effect;
      const isTarget = kind === kinds[when.kind]?.kind && name === when.name;
      const hasFired = simulation.clock.now() >= firesAtMs;
      if (!isTarget || !hasFired || takesMs === null || !helps(effect, when)) return;
      deliver(atMs + takesMs + when.after, 'resolved');
    });
  }
}

/** Whether it is what the alert waits for: a size that was passed, something else that was done, or any call. */
function helps({ does, from, to }: Effect, when: ResolvesWhen): boolean {
  const { reaches: size } = when;
  if (size === undefined) return when.does === undefined || does === when.does;
  if (from === undefined) return false;
  return (from < size && to >= size) || (from > size && to <= size);
}

/** Where an alert comes from: as it says, else the caller that its label names. A call carries that label. */
function fromSource(alert: TestAlert): SourcedAlert {
  const { command = '' } = alert.labels;
  const { source = isCall(command) ? command : 'alertmanager' } = alert;
  const labels = isCall(source) ? { ...alert.labels, command: source } : alert.labels;
  return { ...alert, labels, source };
}

function notification(
  { labels, annotations, source, route }: SourcedAlert,
  startsAtMs: number,
  atMs: number,
  status: 'firing' | 'resolved',
) {
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
    source,
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
      ...(route !== undefined && { routeLabels: route }),
      alerts: [alert],
    },
  } as const;
}

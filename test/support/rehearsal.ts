import { createOfflineRegistry } from '../../src/action/offline-registry.js';
import type { Labels } from '../../src/alert/alert.js';
import { identityOf } from '../../src/alert/identity.js';
import type { Message } from '../../src/engine/rehearse/messages.js';
import { effectText, type GroupState, type ServiceState } from '../../src/engine/rehearse/world.js';
import { createRehearsal } from '../../src/engine/rehearse.js';
import type { AuditRecord } from '../../src/ledger/audit.js';
import { createLibrary } from '../../src/playbook/library.js';
import { parsePlaybookTexts } from '../../src/playbook/load.js';
import { formatDuration } from '../../src/time.js';

/** A service that takes five seconds for a change. */
export function service(replicas: number, patch: Partial<ServiceState> = {}): ServiceState {
  return {
    replicas,
    labels: {},
    mode: 'replicated',
    updateState: undefined,
    reaction: { kind: 'converge', afterMs: 5_000 },
    ...patch,
  };
}

interface Story {
  readonly playbooks: string;
  readonly policy?: string;
  readonly services?: Readonly<Record<string, ServiceState>>;
  readonly groups?: Readonly<Record<string, GroupState>>;
}

/** A rehearsal with what it told, at times that count from its beginning. */
export function rehearse({ playbooks, policy = '', services = {}, groups = {} }: Story) {
  const startMs = Date.parse('2026-01-01T00:00:00Z');
  const loaded = parsePlaybookTexts(
    {
      files: [{ file: 'playbooks.yaml', text: playbooks }],
      policy: { file: 'policy.yaml', text: policy },
    },
    createOfflineRegistry(),
  );
  if (loaded.problems.length > 0) throw new Error(JSON.stringify(loaded.problems));
  const since = (atMs: number) => formatDuration(atMs - startMs);
  const records: AuditRecord[] = [];
  const messages: Message[] = [];
  const effects: string[] = [];
  const starts = new Map<string, number>();
  const rehearsal = createRehearsal({
    active: { ...loaded, library: createLibrary(loaded.playbooks) },
    workerAsg: 'workers',
    world: {
      service: (name) => services[name],
      group: (name) => groups[name],
      fleetSize: () => 100,
    },
    startMs,
    onRecord: (record) => records.push(record),
    onMessage: (message) => messages.push(message),
    onEffect: (effect) =>
      effects.push(`${since(effect.atMs)} ${effect.name} ${effectText(effect).replace('->', '→')}`),
  });

  async function deliver(
    afterMs: number,
    labels: Labels,
    { resolved = false, anew = false },
  ): Promise<void> {
    const atMs = startMs + afterMs;
    const identity = identityOf(labels, new Set());
    const startsAtMs = (anew ? undefined : starts.get(identity)) ?? atMs;
    if (resolved) starts.delete(identity);
    else starts.set(identity, startsAtMs);
    const iso = (ms: number) => new Date(ms).toISOString();
    const alert = {
      status: resolved ? 'resolved' : 'firing',
      labels,
      annotations: {},
      startsAt: iso(startsAtMs),
      endsAt: resolved ? iso(atMs) : '0001-01-01T00:00:00Z',
      generatorURL: '',
      fingerprint: identity.slice(0, 16),
    };
    await rehearsal.take({
      source: 'alertmanager',
      receivedAtMs: atMs,
      notification: {
        groupKey: 'group',
        receiver: 'jidoka',
        status: 'firing',
        truncatedAlerts: 0,
        externalUrl: '',
        groupLabels: {},
        commonLabels: {},
        commonAnnotations: {},
        alerts: [alert],
      },
    });
  }

  return {
    startMs,
    rehearsal,
    records,
    messages,
    effects,
    fires: (afterMs: number, labels: Labels) => deliver(afterMs, labels, {}),
    /** It fires with a later start, though it was never reported to have resolved. */
    firesAnew: (afterMs: number, labels: Labels) => deliver(afterMs, labels, { anew: true }),
    resolves: (afterMs: number, labels: Labels) => deliver(afterMs, labels, { resolved: true }),
    /** When what happened to the subjects of a kind, looks that saw nothing new only once. */
    events: (subject: AuditRecord['subject']): string[] => {
      const all = records.filter((record) => record.subject === subject);
      return all
        .filter(({ event }, index) => event !== 'looked' || all[index - 1]?.event !== 'looked')
        .map(({ atMs, event }) => `${since(atMs)} ${event}`);
    },
  };
}

import type { Labels } from '../../src/alertmanager/alert.js';
import { identityOf } from '../../src/alertmanager/identity.js';
import { effectText } from '../../src/integrations/contract/simulation.js';
import { createOfflineRegistry } from '../../src/integrations/offline-registry.js';
import type { ServiceState } from '../../src/integrations/swarm/simulated-services.js';
import type { AuditRecord } from '../../src/ledger/audit.js';
import { formatDuration } from '../../src/lib/time.js';
import { createLibrary } from '../../src/playbook/library.js';
import { parsePlaybookTexts } from '../../src/playbook/load.js';
import type { Message } from '../../src/simulation/messages.js';
import { createSimulation } from '../../src/simulation/simulation.js';

/** A service that takes five seconds for a change. */
export function service(replicas: number, patch: Partial<ServiceState> = {}): ServiceState {
  return {
    replicas,
    labels: {},
    mode: 'replicated',
    rollout: undefined,
    deploy_changes: 'image',
    takes: 5_000,
    replies: 'converges',
    ...patch,
  };
}

interface Story {
  readonly playbooks: string;
  readonly policy?: string;
  readonly services?: Readonly<Record<string, ServiceState>>;
}

/** A simulation with what it told, at times that count from its beginning. */
export function simulate({ playbooks, policy = '', services = {} }: Story) {
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
  const simulation = createSimulation({
    active: { ...loaded, library: createLibrary(loaded.playbooks) },
    workerAsg: 'workers',
    fleet: 100,
    given: (key) => ({
      find: (name) => (key === 'services' ? services[name] : undefined),
      names: () => [],
    }),
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
    await simulation.take({
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
    simulation,
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

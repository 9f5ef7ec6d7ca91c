import type { Labels } from '../../src/alertmanager/alert.js';
import { identityIn, identityOf } from '../../src/alertmanager/identity.js';
import type { Received } from '../../src/alertmanager/received.js';
import { isCommand, type Source } from '../../src/alertmanager/source.js';
import type { ActivePlaybooks, EngineContext } from '../../src/engine/context/context.js';
import { createEngine, type Engine } from '../../src/engine/engine.js';
import { answerEscalation } from '../../src/engine/people/answer.js';
import { cancelRun } from '../../src/engine/people/cancel.js';
import { anybodyDecides, type MayDecide } from '../../src/escalation/person.js';
import { createPauses } from '../../src/guard/pauses.js';
import { createResets } from '../../src/guard/resets.js';
import type { AnyAction } from '../../src/integrations/contract/action.js';
import { offerSuggestion } from '../../src/learning/offer-suggestion.js';
import type { AuditRecord } from '../../src/ledger/audit.js';
import type { Episode } from '../../src/ledger/episode.js';
import type { AnyLedger } from '../../src/ledger/ledger.js';
import type { StoredEscalation } from '../../src/ledger/record-reads.js';
import type { Run } from '../../src/ledger/run.js';
import type { Write } from '../../src/ledger/transaction.js';
import type { Clock } from '../../src/lib/clock.js';
import { createLogger } from '../../src/lib/logger.js';
import { createMetrics } from '../../src/lib/metrics.js';
import { createLibrary } from '../../src/playbook/library.js';
import { parsePlaybookTexts } from '../../src/playbook/load.js';
import type { createManualClock } from '../unit/sim/manual-clock.js';
import { createTargets } from './engine-targets.js';

/** A playbook that adds a replica to the service of an alert named Slow. */
export const scaleUp = `
name: scale-up
summary: Adds a replica.
match: alertname = "Slow"
mode: auto
steps:
  - test.scale: { service: "\${{ labels.service }}", by: 1, max: 8 }
    settle: 2m
guards: { cooldown: 0 }
`;

/** The same playbook with an action for which there is nothing to look at. */
export const calling = (playbook: string) => playbook.replace('test.scale', 'test.call');

/** One alert as a test describes it. */
export interface TestAlert {
  readonly labels: Labels;
  readonly resolved?: boolean;
  /** When it started; else when its labels were first sent. */
  readonly startsAtMs?: number;
  /** When it ended; else now. */
  readonly endsAtMs?: number;
  readonly fingerprint?: string;
}

/** What an engine of a test works with. */
export interface BenchOptions {
  /** Playbooks, a text each; tried in this order. */
  readonly playbooks: readonly string[];
  readonly policy?: string;
  /** Whether targets refuse what was planned from an earlier version of them; only when it starts. */
  readonly fenced?: boolean;
  /** `jobs.yaml`; left out, there is none. */
  readonly jobs?: string;
  /** Actions besides those on targets in memory; only when it starts. */
  readonly actions?: readonly AnyAction[] | ((clock: Clock) => readonly AnyAction[]);
}

/** Where the ledger of a test lies, and how its lists are read. */
interface Ground<L extends AnyLedger> {
  readonly ledger: L;
  readonly clock: ReturnType<typeof createManualClock>;
  /** The ids of all runs or all escalations, oldest first. */
  readonly ids: (of: 'runs' | 'escalations') => Promise<readonly string[]>;
  /** All records of the audit trail, oldest first. */
  readonly records: () => Promise<readonly AuditRecord[]>;
}

/** An engine with targets in memory and a clock that the test holds in its hand, on any ledger. */
export function createBench<L extends AnyLedger>(
  { ledger, clock, ids, records }: Ground<L>,
  { playbooks, policy, jobs, fenced = false, actions: others = [] }: BenchOptions,
) {
  const targets = createTargets({ clock, fenced });
  const actions = new Map(
    [
      ...[targets.action, targets.call, targets.spread],
      ...(typeof others === 'function' ? others(clock) : others),
    ].map((one) => [one.name, one]),
  );
  const metrics = createMetrics();
  const logged: unknown[] = [];
  const log = createLogger('silent');
  for (const level of ['info', 'warn'] as const) {
    log[level] = ((about: object, said: string) => logged.push({ level, said, ...about })) as never;
  }
  const wakes: { item: string; atMs: number }[] = [];
  const wake = async (item: string, atMs: number) => {
    const isKnown = wakes.some((known) => known.item === item && known.atMs === atMs);
    if (!isMessengers(item) && !isKnown) wakes.push({ item, atMs });
  };
  /** What is done at once, without being woken for. */
  let begun: Promise<void>[] = [];
  const place = () => ({
    take: (work: () => Promise<void>) => void begun.push(work().catch(() => {})),
    leave: () => {},
  });
  const fleet = new Map<string, number>();
  const fleetSize = (kind: string) => fleet.get(kind) ?? null;
  let active = load({ playbooks, ...(policy && { policy }), ...(jobs && { jobs }) });
  let engines = [another()];
  const starts = new Map<string, number>();

  /** One more engine on the same ledger, as on another machine; its ledger and its wakes may be faulty, its playbooks others. */
  function another(
    faulty: Partial<
      Pick<EngineContext, 'ledger' | 'wake' | 'place' | 'active' | 'actions' | 'ledgerBeganMs'>
    > & { readonly suggestsPlaybooks?: true } = {},
  ): Engine {
    const { suggestsPlaybooks, ...others } = faulty;
    const all: EngineContext = { ...context(), ...others };
    if (suggestsPlaybooks !== true) return createEngine(all);
    return createEngine({
      ...all,
      offerSuggestion: (run) => offerSuggestion(all, run),
    });
  }

  function context(): EngineContext & { readonly ledger: L } {
    return {
      ledger,
      actions,
      workerAsg: '',
      fleetSize,
      wake,
      place,
      clock,
      metrics,
      log,
      active: () => active,
    };
  }

  function load(from: BenchOptions): ActivePlaybooks {
    const files = from.playbooks.map((text, index) => ({
      file: `${String(index).padStart(2, '0')}.yaml`,
      text,
    }));
    const policyFile = { file: 'policy.yaml', text: from.policy ?? '' };
    const jobs = from.jobs && { file: 'jobs.yaml', text: from.jobs, scripts: [] };
    const texts = { files, policy: policyFile, ...(jobs && { jobs }) };
    const loaded = parsePlaybookTexts(texts, actions);
    if (loaded.problems.length > 0) throw new Error(JSON.stringify(loaded.problems));
    return { library: createLibrary(loaded.playbooks), policy: loaded.policy, hash: loaded.hash };
  }

  /** A notification as it comes out of the queue. */
  function notification(
    alerts: readonly (TestAlert | { readonly raw: unknown })[],
    { groupKey = 'group', truncatedAlerts = 0 } = {},
  ): Received {
    return {
      source: 'alertmanager',
      receivedAtMs: clock.now(),
      notification: {
        groupKey,
        receiver: 'jidoka',
        status: 'firing',
        truncatedAlerts,
        externalUrl: 'http://alertmanager.example',
        groupLabels: {},
        commonLabels: {},
        commonAnnotations: {},
        alerts: alerts.map((alert) => ('raw' in alert ? alert.raw : rawAlert(alert))),
      },
    };
  }

  function rawAlert({ labels, resolved = false, fingerprint, ...times }: TestAlert) {
    const name = JSON.stringify(labels);
    const startsAtMs = times.startsAtMs ?? starts.get(name) ?? clock.now();
    starts.set(name, startsAtMs);
    const iso = (ms: number) => new Date(ms).toISOString();
    return {
      status: resolved ? 'resolved' : 'firing',
      labels,
      annotations: { summary: 'something is wrong' },
      startsAt: iso(startsAtMs),
      endsAt: resolved ? iso(times.endsAtMs ?? clock.now()) : '0001-01-01T00:00:00Z',
      generatorURL: 'http://prometheus.example/graph',
      fingerprint: fingerprint ?? identityOf(labels, new Set()).slice(0, 16),
    };
  }

  /** Looks at everything that is due now, and at what becomes due by that, until nothing is. */
  async function settle(): Promise<void> {
    for (let count = 0; count < 500; count += 1) {
      const working = begun;
      begun = [];
      await Promise.all(working);
      const index = wakes.findIndex(({ atMs }) => atMs <= clock.now());
      const [next] = index < 0 ? [] : wakes.splice(index, 1);
      if (next === undefined) return;
      await Promise.all(engines.map((engine) => engine.look(next.item)));
    }
    throw new Error('the engine does not come to rest');
  }

  /** Lets time pass: whatever is due meanwhile is looked at then, and the sweep finds what was not woken. */
  async function pass(ms: number): Promise<void> {
    const untilMs = clock.now() + ms;
    for (;;) {
      await settle();
      const schedule = (await ledger.due(untilMs, 1_000))
        .filter(({ item }) => !isMessengers(item))
        .map(({ atMs }) => Math.max(atMs + sweepLateMs, clock.now() + sweepLateMs));
      const nextMs = Math.min(...wakes.map(({ atMs }) => atMs), ...schedule);
      if (nextMs > untilMs) break;
      clock.advance(nextMs - clock.now());
      await sweep();
    }
    clock.advance(untilMs - clock.now());
    await sweep();
    await settle();
  }

  async function sweep(): Promise<void> {
    await Promise.all(engines.map((engine) => engine.sweep()));
  }

  async function all<T>(
    of: 'runs' | 'escalations',
    read: (id: string) => Promise<T | null>,
  ): Promise<T[]> {
    const found = await Promise.all((await ids(of)).map(read));
    return found.filter((value) => value !== null);
  }

  return {
    ledger,
    clock,
    targets,
    metrics,
    context,
    get engine(): Engine {
      return engines[0] ?? another();
    },
    another,

    /** From now on these engines do the work, each all of it at the same time. */
    use(...working: Engine[]): void {
      engines = working;
    },

    /** How many targets of each kind there are; what is missing is not known. */
    fleet,

    /** Writes to the ledger as something else may have done. */
    async write(...writes: Write[]): Promise<void> {
      await ledger.commit({ checks: [], writes, nowMs: clock.now() });
    },

    pauses: createPauses({ ledger, clock }),
    resets: createResets({ ledger, clock, wake }),
    /** What the engine logged, oldest first. */
    logged,
    wakes,
    wake,
    notification,
    settle,
    pass,

    /** Takes a notification in and looks at whatever follows from it at once. */
    async take(...args: Parameters<typeof notification>): Promise<void> {
      const received = notification(...args);
      await Promise.all(engines.map((engine) => engine.take(received)));
      await settle();
    },

    reload(from: BenchOptions): void {
      active = load(from);
    },

    answer: (
      id: string,
      choiceId: string,
      by = 'ada',
      given: { readonly comment?: string; readonly mayDecide?: MayDecide } = {},
    ) => {
      const { mayDecide = anybodyDecides, comment } = given;
      return answerEscalation(
        { ledger, clock, wake, policy: () => active.policy, mayDecide },
        { id, choiceId, person: { via: 'api', name: by }, comment },
      );
    },

    cancel: (
      id: string,
      by = 'ada',
      given: { readonly comment?: string; readonly mayDecide?: MayDecide } = {},
    ) => {
      const { mayDecide = anybodyDecides, comment } = given;
      return cancelRun(
        { ledger, clock, wake, mayDecide },
        { id, person: { via: 'api', name: by }, comment },
      );
    },

    /** The latest episode of an alert with these labels, of the caller that they name unless it is said otherwise. */
    async episode(labels: Labels, from?: Source): Promise<Episode> {
      const { command = '' } = labels;
      const source = from ?? (isCommand(command) ? command : 'alertmanager');
      const [found] = await ledger.episodes([identityIn(source, labels, new Set(['replica']))]);
      if (found == null) throw new Error(`no episode of ${JSON.stringify(labels)}`);
      return found.value;
    },

    /** All runs, oldest first. */
    runs: (): Promise<Run[]> => all('runs', async (id) => (await ledger.run(id))?.value ?? null),

    /** All escalations, oldest first. */
    escalations: (): Promise<StoredEscalation[]> => all('escalations', ledger.escalation),

    /** What the audit trail says happened to one subject, oldest first. */
    async audited(subject: AuditRecord['subject']): Promise<AuditRecord[]> {
      return (await records()).filter((record) => record.subject === subject);
    },
  };
}

/** How late the sweep takes up what nobody was woken for. */
const sweepLateMs = 2_000;

/** Whether the messenger looks at an item, not the engine. */
const isMessengers = (item: string) => /^(message|thread):/.test(item);

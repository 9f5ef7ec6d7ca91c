import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import type { AnyAction } from '../../src/action/action.js';
import type { Labels } from '../../src/alert/alert.js';
import { identityOf } from '../../src/alert/identity.js';
import { createEngine, type Engine } from '../../src/engine/engine.js';
import type { ActivePlaybooks, EngineParts, RedisParts } from '../../src/engine/parts.js';
import type { Received } from '../../src/engine/received.js';
import { answerEscalation } from '../../src/escalation/answer.js';
import { anybodyDecides, type MayDecide } from '../../src/escalation/person.js';
import { createPauses } from '../../src/guard/pauses.js';
import { createResets } from '../../src/guard/resets.js';
import type { AuditRecord } from '../../src/ledger/audit.js';
import type { Episode } from '../../src/ledger/episode.js';
import { createLedger } from '../../src/ledger/ledger.js';
import type { StoredEscalation } from '../../src/ledger/reads.js';
import type { Run } from '../../src/ledger/run.js';
import { createLogger } from '../../src/logger.js';
import { createMetrics } from '../../src/metrics.js';
import { createLibrary } from '../../src/playbook/library.js';
import { loadPlaybooks } from '../../src/playbook/load.js';
import { createManualClock } from '../unit/sim/manual-clock.js';
import { createTargets } from './engine-targets.js';
import { makeDir } from './parts/place.js';
import { usePart } from './parts.js';
import { recordedOnly } from './recorded.js';

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

interface Options {
  /** Playbooks, a text each; tried in this order. */
  readonly playbooks: readonly string[];
  readonly policy?: string;
  /** Whether targets refuse what was planned from an earlier version of them; only when it starts. */
  readonly fenced?: boolean;
  /** Actions besides those on targets in memory; only when it starts. */
  readonly actions?: readonly AnyAction[];
}

/** An engine on a real Redis with targets in memory and a clock that the test holds in its hand. */
export type Bench = Awaited<ReturnType<typeof startBench>>;

export async function startBench({
  playbooks,
  policy,
  fenced = false,
  actions: others = [],
}: Options) {
  const cell = `test-${randomUUID()}`;
  const redis = new Redis(usePart('redis').url);
  const ledger = recordedOnly(createLedger({ redis, cell }));
  const clock = createManualClock();
  const targets = createTargets({ clock, fenced });
  const actions = new Map(
    [targets.action, targets.call, targets.spread, ...others].map((one) => [one.name, one]),
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
    if (!item.startsWith('message:') && !isKnown) wakes.push({ item, atMs });
  };
  /** What is done at once, without being woken for. */
  let begun: Promise<void>[] = [];
  const place = () => ({
    take: (work: () => Promise<void>) => void begun.push(work().catch(() => {})),
    leave: () => {},
  });
  const fleet = new Map<string, number>();
  const fleetSize = (kind: string) => fleet.get(kind) ?? null;
  let active = await load({ playbooks, ...(policy === undefined ? {} : { policy }) });
  let engines = [another()];
  const starts = new Map<string, number>();

  /** One more engine on the same Redis, as on another machine; its ledger and its wakes may be faulty, its playbooks others. */
  function another(
    faulty: Partial<
      Pick<EngineParts, 'ledger' | 'wake' | 'place' | 'active' | 'actions' | 'teaches'>
    > = {},
  ): Engine {
    return createEngine({ ...parts(), ...faulty });
  }

  function parts(): RedisParts {
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

  async function load(from: Options): Promise<ActivePlaybooks> {
    const dir = await makeDir('playbooks');
    for (const [index, text] of from.playbooks.entries()) {
      await writeFile(join(dir, `${String(index).padStart(2, '0')}.yaml`), text);
    }
    if (from.policy !== undefined) await writeFile(join(dir, 'policy.yaml'), from.policy);
    const loaded = await loadPlaybooks(dir, { actions });
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
      const agenda = (await ledger.due(untilMs, 1_000))
        .filter(({ item }) => !item.startsWith('message:'))
        .map(({ atMs }) => Math.max(atMs + sweepLateMs, clock.now() + sweepLateMs));
      const nextMs = Math.min(...wakes.map(({ atMs }) => atMs), ...agenda);
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

  async function all<T>(ids: string, read: (id: string) => Promise<T | null>): Promise<T[]> {
    const found = await Promise.all((await redis.zrange(ids, '0', '-1')).map(read));
    return found.filter((value) => value !== null);
  }

  return {
    cell,
    redis,
    ledger,
    clock,
    targets,
    metrics,
    parts,
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

    async reload(from: Options): Promise<void> {
      active = await load(from);
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

    /** The latest episode of an alert with these labels. */
    async episode(labels: Labels): Promise<Episode> {
      const [found] = await ledger.episodes([identityOf(labels, new Set(['replica']))]);
      if (found == null) throw new Error(`no episode of ${JSON.stringify(labels)}`);
      return found.value;
    },

    /** All runs, oldest first. */
    runs: (): Promise<Run[]> =>
      all(ledger.keys.runs, async (id) => (await ledger.run(id))?.value ?? null),

    /** All escalations, oldest first. */
    escalations: (): Promise<StoredEscalation[]> => all(ledger.keys.escalations, ledger.escalation),

    /** What the audit trail says happened to one subject, oldest first. */
    async audited(subject: AuditRecord['subject']): Promise<AuditRecord[]> {
      const entries = await redis.xrange(ledger.keys.audit, '-', '+');
      const records = entries.map(([, fields]) => JSON.parse(fields[1] ?? '') as AuditRecord);
      return records.filter((record) => record.subject === subject);
    },

    /** Removes what the test left in Redis. */
    async stop(): Promise<void> {
      const keys = await redis.keys(`{${cell}}:*`);
      if (keys.length > 0) await redis.del(...keys);
      await redis.quit();
    },
  };
}

/** How late the sweep takes up what nobody was woken for. */
const sweepLateMs = 2_000;

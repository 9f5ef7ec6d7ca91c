import type { Labels } from '../../src/alertmanager/alert.js';
import type { PostedAlert } from '../../src/alertmanager/alertmanager.js';
import type { ReportedAlert } from '../../src/alertmanager/alertmanager-answer.js';
import type { AlertmanagerCluster } from '../../src/alertmanager/alertmanager-cluster.js';
import type { ReceiverRoutes } from '../../src/alertmanager/alertmanager-routes.js';
import { identityOf } from '../../src/alertmanager/identity.js';
import type { Clock } from '../../src/lib/clock.js';

interface Listed {
  readonly state: ReportedAlert['state'];
  readonly startsAtMs: number;
  readonly receivers: readonly string[];
  readonly labels: Labels;
}

/** One Alertmanager whose answers a test decides. */
export interface ScriptedMember {
  list(labels: Labels, options?: Partial<Omit<Listed, 'labels'>>): void;
  remove(labels: Labels): void;
  /** It does not answer. */
  down: boolean;
  startedAtMs: number;
  routes: ReceiverRoutes | null;
}

/** A cluster of so many members, all running for a day, with a receiver `jidoka`. */
export function createScriptedCluster(clock: Clock, count = 1) {
  const listed = Array.from({ length: count }, () => new Map<string, Listed>());
  const posted: PostedAlert[] = [];
  let reads = 0;
  let duringRead: (() => Promise<void>) | undefined;
  const members = listed.map(
    (alerts): ScriptedMember => ({
      list(labels, options = {}) {
        const startsAtMs = clock.now() - 3_600_000;
        const listed = { state: 'active', startsAtMs, receivers: ['jidoka'], ...options } as const;
        alerts.set(JSON.stringify(labels), { labels, ...listed });
      },
      remove: (labels) => void alerts.delete(JSON.stringify(labels)),
      down: false,
      startedAtMs: clock.now() - 24 * 3_600_000,
      routes: { exists: true, mutedAtTimes: false },
    }),
  );
  const cluster: { -readonly [Key in keyof AlertmanagerCluster]: AlertmanagerCluster[Key] } = {
    receiver: 'jidoka',
    async read() {
      reads += 1;
      const reading = {
        members: members.flatMap(({ down, startedAtMs, routes }, index) =>
          down
            ? []
            : [
                {
                  name: `http://member-${index}`,
                  startedAtMs,
                  routes,
                  alerts: [...(listed[index]?.values() ?? [])].map(reported),
                },
              ],
        ),
        faults: members.filter(({ down }) => down).map(() => 'it does not answer'),
      };
      await duringRead?.();
      return reading;
    },
    async post(alerts) {
      posted.push(...alerts);
    },
    silence: async () => 'silence',
  };
  const [first] = members;
  if (first === undefined) throw new Error('a cluster has at least one member');
  return {
    cluster,
    members,
    /** The first member. */
    first,
    posted,
    get reads() {
      return reads;
    },
    /** Runs after each reading and before anybody sees it. */
    duringRead(run: () => Promise<void>): void {
      duringRead = run;
    },
  };
}

function reported({ labels, state, startsAtMs, receivers }: Listed): ReportedAlert {
  return {
    alert: {
      status: 'firing',
      labels,
      annotations: {},
      startsAtMs,
      endsAtMs: null,
      generatorUrl: '',
      fingerprint: identityOf(labels, new Set()).slice(0, 16),
    },
    state,
    receivers,
  };
}

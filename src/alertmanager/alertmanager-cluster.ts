import { messageOf } from '../lib/errors.js';
import type { Alertmanager, PostedAlert, WantedSilence } from './alertmanager.js';
import type { ReportedAlert } from './alertmanager-answer.js';
import { AlertmanagerError } from './alertmanager-error.js';
import { type ReceiverRoutes, routesTo } from './alertmanager-routes.js';

/** What one member of the cluster said. */
export interface MemberReading {
  readonly name: string;
  readonly alerts: readonly ReportedAlert[];
  readonly startedAtMs: number;
  /** What its configuration says about our receiver; `null`: it does not show it, or we have no name. */
  readonly routes: ReceiverRoutes | null;
}

/** One reading of the cluster: the members that answered, and why the others did not. */
export interface ClusterReading {
  readonly members: readonly MemberReading[];
  readonly faults: readonly string[];
}

/** One Alertmanager, or the members of a highly available one. */
export interface AlertmanagerCluster {
  /** `ALERTMANAGER_RECEIVER`; `undefined`: what is routed to us is not known. */
  readonly receiver: string | undefined;
  /** Reads every member. Never throws: a member that fails is a fault, not an empty list. */
  read(): Promise<ClusterReading>;
  /**
   * Posts alerts to every member.
   *
   * @throws AlertmanagerError when none of them took them.
   */
  post(alerts: readonly PostedAlert[]): Promise<void>;
  /**
   * Makes a silence, unless one with its mark is there already; gives back its id. The members tell each
   * other of it.
   *
   * @throws AlertmanagerError when no member answers, or the one that was asked does not take it.
   */
  silence(wanted: WantedSilence): Promise<string>;
}

/** Joins clients of the members of one cluster. */
export function createAlertmanagerCluster(options: {
  readonly members: readonly Alertmanager[];
  readonly receiver: string | undefined;
}): AlertmanagerCluster {
  const { members, receiver } = options;

  async function readMember(member: Alertmanager): Promise<MemberReading> {
    // The alerts first: if it restarts in between, its start says so.
    const alerts = await member.alerts();
    const { startedAtMs, config } = await member.status();
    const routes = receiver === undefined ? null : routesTo(receiver, config);
    return { name: member.name, alerts, startedAtMs, routes };
  }

  return {
    receiver,

    async read() {
      const results = await Promise.allSettled(members.map(readMember));
      return {
        members: results.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : [])),
        faults: results.flatMap((each) =>
          each.status === 'rejected' ? [messageOf(each.reason)] : [],
        ),
      };
    },

    async silence(wanted) {
      const looks = await Promise.allSettled(
        members.map(async (member) => ({ member, id: await member.findSilence(wanted.mark) })),
      );
      const seen = looks.flatMap((look) => (look.status === 'fulfilled' ? [look.value] : []));
      const made = seen.find(({ id }) => id !== null);
      if (made?.id != null) return made.id;
      const [first] = seen;
      if (first !== undefined) return first.member.silence(wanted);
      const faults = looks.map((look) =>
        look.status === 'rejected' ? messageOf(look.reason) : '',
      );
      throw new AlertmanagerError('unreachable', faults.join('; '));
    },

    async post(alerts) {
      const results = await Promise.allSettled(members.map((member) => member.post(alerts)));
      if (results.some(({ status }) => status === 'fulfilled')) return;
      const faults = results.map((each) =>
        each.status === 'rejected' ? messageOf(each.reason) : '',
      );
      throw new AlertmanagerError('unreachable', faults.join('; '));
    },
  };
}

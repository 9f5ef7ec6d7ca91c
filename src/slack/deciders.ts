import type { MayDecide, Permission, Person } from '../escalation/person.js';
import type { Clock } from '../lib/clock.js';
import { messageOf } from '../lib/errors.js';
import type { Approvers } from '../playbook/approvers.js';
import type { SlackPeople } from './people.js';
import { createStaleCache } from './stale-cache.js';

interface DecidersParts {
  /** Whom the playbook, or else the policy, lets decide; `undefined`: everybody in the workspace. */
  readonly approversOf: (playbook: string | null) => Approvers | undefined;
  /** `undefined`: there is no token, and no one in Slack may decide. */
  readonly slack: SlackPeople | undefined;
  readonly clock: Clock;
}

/** A change of a group takes effect within this time. */
const groupFreshMs = 60_000;
/** While Slack cannot be asked, a group is taken as it was at most so long ago. */
const groupUsableMs = 10 * 60_000;

const allowed: Permission = { allowed: true };

/** Who may do what about escalations. */
export interface Deciders {
  readonly mayDecide: MayDecide;
  /** Whether a person may be told what the message does not show: everybody in the app's own workspace. */
  readonly mayAsk: (person: Person) => Promise<Permission>;
}

/**
 * Says who may decide. Anyone who is signed in to the console or holds the API's token may. In Slack it is
 * everybody in the app's own workspace, or only the approvers where some are named; people of other
 * workspaces (Slack Connect) only if they are named with their workspace. What cannot be read allows
 * no one.
 */
export function createDeciders({ approversOf, slack, clock }: DecidersParts): Deciders {
  const members = createStaleCache({
    read: async (group) => new Set(await slack?.members(group)),
    freshMs: groupFreshMs,
    usableMs: groupUsableMs,
    clock,
  });
  let home: string | undefined;

  async function homeTeam(): Promise<string> {
    if (slack === undefined) throw new Error('SLACK_BOT_TOKEN is not set');
    home ??= await slack.team();
    return home;
  }

  async function mayDecide(person: Person, playbook: string | null): Promise<Permission> {
    if (person.via !== 'slack') return allowed;
    const approvers = approversOf(playbook);
    if (approvers?.users.includes(`${person.team}/${person.id}`)) return allowed;
    const colleague = await mayAsk(person);
    if (!colleague.allowed) return colleague;
    if (approvers === undefined || approvers.users.includes(person.id)) return allowed;
    return byGroups(person.id, approvers, playbook);
  }

  async function mayAsk(person: Person): Promise<Permission> {
    if (person.via !== 'slack') return allowed;
    try {
      const own = await homeTeam();
      return person.team === own ? allowed : refuseStranger(person, own);
    } catch (error) {
      return unreadable(
        `Jidoka could not compare your workspace with the app's: ${messageOf(error)}`,
      );
    }
  }

  return { mayDecide, mayAsk };

  async function byGroups(
    userId: string,
    approvers: Approvers,
    playbook: string | null,
  ): Promise<Permission> {
    const looks = await Promise.allSettled(approvers.groups.map((group) => members(group)));
    if (looks.some((look) => look.status === 'fulfilled' && look.value.has(userId))) return allowed;
    const failed = looks.find((look) => look.status === 'rejected');
    if (failed !== undefined) {
      const why = `Jidoka could not read a group of approvers: ${messageOf(failed.reason)}`;
      return unreadable(`${why}. Until it can, this group may not decide`);
    }
    return refuse(
      `only approvers may decide this, and you (${userId}) are not one. ${listOf(
        approvers,
        playbook,
      )}`,
    );
  }
}

function refuseStranger({ id, team }: Person & { via: 'slack' }, home: string): Permission {
  const from = team === undefined ? 'an unnamed workspace' : `the workspace ${team}`;
  const way = team === undefined ? '' : ` Approvers can name you as ${team}/${id}.`;
  return refuse(`you belong to ${from}, and only members of ${home} may decide.${way}`);
}

function unreadable(why: string): Permission {
  return refuse(`Jidoka could not check whether you may decide: ${why}.`);
}

function refuse(why: string): Permission {
  return { allowed: false, why };
}

const maxNamed = 10;

/** Who may, so that anyone who may not knows whom to call. */
function listOf({ users, groups }: Approvers, playbook: string | null): string {
  const names = [...groups, ...users];
  const more = names.length - maxNamed;
  const rest = more > 0 ? ` and ${more} more` : '';
  const where = playbook === null ? 'policy.yaml' : `policy.yaml or the playbook ${playbook}`;
  return `They are ${names.slice(0, maxNamed).join(', ')}${rest} (approvers in ${where}).`;
}

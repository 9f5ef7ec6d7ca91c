import { type Connected, type ConnectionState, tryConnection } from '../contract/connected.js';
import type { ConnectContext } from '../contract/integration.js';
import { TargetError } from '../contract/target-error.js';
import type { SwarmClients } from '../swarm/connect.js';
import { swarm } from '../swarm/swarm.js';
import { type AutoScaling, createAutoScaling } from './auto-scaling.js';
import { createEc2, type Ec2 } from './ec2.js';
import { createAwsEvidence } from './evidence.js';
import { isGroupName } from './group-name.js';
import { findProfileRegion } from './region.js';

/** What the environment says about it. */
export interface AwsSettings {
  /** `undefined`: that of the profile, if there is one; without any, AWS is not configured. */
  readonly region: string | undefined;
  /** `undefined`: AWS' own. */
  readonly endpoint: string | undefined;
  /** `JIDOKA_WORKER_ASG`, or the empty string: the group whose instances are nodes of the Swarm. */
  readonly workerAsg: string;
}

/** What its actions work through. */
export interface AwsClients extends SwarmClients {
  readonly autoScaling: AutoScaling;
  readonly ec2: Ec2;
  readonly workerAsg: string;
  /** Whether there is a region, and so groups. */
  readonly hasRegion: boolean;
}

/** Creates the clients of AWS, and what else is done with it besides actions. */
export async function connectAws(
  given: AwsSettings,
  { timeoutMs, clientsOf, log }: ConnectContext,
): Promise<Connected<AwsClients>> {
  const region = given.region ?? (await findProfileRegion(process.env));
  const { endpoint, workerAsg } = given;
  const settings = { region, endpoint, workerAsg };
  const autoScaling = createAutoScaling({
    ...{ timeoutMs, region, endpoint },
    onUnseen: (unseen) =>
      log.warn(unseen, 'instance refreshes are not visible; groups are resized anyway'),
  });
  const ec2 = createEc2({ timeoutMs, region, endpoint });
  const hasRegion = region !== undefined;

  return {
    clients: { ...(await clientsOf(swarm)), autoScaling, ec2, workerAsg, hasRegion },
    check: () => checkAws(autoScaling, settings),
    lists: [groupList(hasRegion ? autoScaling : undefined, workerAsg)],
    ...(hasRegion && {
      evidence: createAwsEvidence({ autoScaling, workerAsg }),
      watch: () => ({
        system: 'AWS Auto Scaling',
        look: async () => void (await autoScaling.check()),
      }),
    }),
  };
}

/** Says how Auto Scaling and the group of the worker nodes are, for the line at start-up. */
export async function checkAws(
  autoScaling: Pick<AutoScaling, 'check' | 'instanceRefresh'>,
  settings: AwsSettings,
): Promise<ConnectionState> {
  if (settings.region === undefined) {
    return {
      state: 'not_configured',
      detail:
        'set AWS_REGION, or AWS_PROFILE to a profile with a region, and credentials to resize Auto Scaling groups',
    };
  }
  const endpoint = settings.endpoint === undefined ? '' : 'check AWS_ENDPOINT_URL; ';
  const advice = `${endpoint}credentials come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE or the machine's role`;
  return tryConnection(advice, async () => {
    const { region } = await autoScaling.check();
    const { workerAsg } = settings;
    const group = workerAsg || 'none (set JIDOKA_WORKER_ASG)';
    const unseen = workerAsg === '' ? '' : await unseenRefreshes(autoScaling, workerAsg);
    return `Auto Scaling in ${region}; group for worker nodes: ${group}${unseen}`;
  });
}

/** That instance refreshes of the group cannot be seen; what else is wrong with it, its runs and the doctor say. */
async function unseenRefreshes(
  autoScaling: Pick<AutoScaling, 'instanceRefresh'>,
  group: string,
): Promise<string> {
  try {
    const refresh = await autoScaling.instanceRefresh(group);
    if (refresh.kind === 'seen') return '';
    const { why, advice } = refresh;
    return `; its instance refreshes cannot be seen, and it is resized all the same: ${why}; ${advice}`;
  } catch {
    return '';
  }
}

/**
 * Lists the group of a name, and that of the worker nodes. All groups of a region may be thousands.
 *
 * @param autoScaling `undefined`: there is no region, and so there are no groups
 * @param workerAsg the group of the worker nodes, or the empty string
 */
export function groupList(
  autoScaling: Pick<AutoScaling, 'group'> | undefined,
  workerAsg: string,
): Connected<AwsClients>['lists'][number] {
  return async (wanted) => {
    const name = wanted.replace(/^asg\//, '');
    const known = workerAsg === '' ? [] : [{ name: workerAsg, ids: [`asg/${workerAsg}`] }];
    if (autoScaling === undefined || !isGroupName(name)) return known;
    try {
      await autoScaling.group(name);
      return [...known, { name, ids: [`asg/${name}`] }];
    } catch (error) {
      if (error instanceof TargetError && error.kind === 'not_found') return known;
      throw error;
    }
  };
}

import type {
  AutoScalingClient,
  AutoScalingClientConfig,
  DescribeAutoScalingGroupsCommandOutput as Page,
} from '@aws-sdk/client-auto-scaling';
import { createCircuit } from '../contract/circuit.js';
import type { GroupActivity } from '../contract/evidence.js';
import { TargetError } from '../contract/target-error.js';
import { withDeadline } from '../contract/transport.js';
import { refuseForeignAnswers } from './answer.js';
import {
  type AutoScalingGroup,
  readActivity,
  readGroup,
  troubleIn,
} from './auto-scaling-answer.js';
import { awsError, isDenied, isUnknownAction } from './auto-scaling-error.js';
import { isGroupName } from './group-name.js';

/** AWS Auto Scaling in one region of one account. Every method throws `TargetError` and nothing else. */
export interface AutoScaling {
  /** Whether the API answers and takes the credentials. */
  check(): Promise<{ readonly region: string }>;
  /** Reads one group by its exact name. */
  group(name: string): Promise<AutoScalingGroup>;
  /** Counts all groups of the region. */
  countGroups(): Promise<number>;
  /** Sets the desired capacity, absolute, in one attempt and whatever the group's own cooldown says. */
  setDesiredCapacity(change: { readonly name: string; readonly desired: number }): Promise<void>;
  /**
   * Ends one instance and has its group want one fewer, in one attempt. Its group's lifecycle hooks run.
   * That the instance is already gone is `not_found`.
   */
  terminateInstance(instanceId: string): Promise<void>;
  /** Whether an instance refresh of the group is at work, where that can be seen. */
  instanceRefresh(name: string): Promise<InstanceRefresh>;
  /**
   * Why the group's latest activity is not over or has failed, in AWS' words; `null`: AWS says nothing.
   */
  trouble(name: string): Promise<string | null>;
  /** Reads the latest activities of a group, newest first. */
  activities(name: string): Promise<readonly GroupActivity[]>;
}

/** What is seen of a group's instance refreshes. */
export type InstanceRefresh =
  | { readonly kind: 'seen'; readonly isActive: boolean }
  /** This API does not have the call, or the credentials may not make it. */
  | { readonly kind: 'unseen'; readonly why: string; readonly advice: string };

export interface AutoScalingOptions {
  /** What each call gets from beginning to end; a read may use it for three attempts. */
  readonly timeoutMs: number;
  /** What is not given here comes from the AWS SDK's own variables and files. */
  readonly region?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly credentials?: AutoScalingClientConfig['credentials'];
  /** Told once that instance refreshes cannot be seen, and why. */
  readonly onUnseen?: (unseen: { readonly why: string; readonly advice: string }) => void;
}

/** (API reference, InstanceRefresh.Status) */
const activeRefresh = new Set([
  'Pending',
  'InProgress',
  'Cancelling',
  'RollbackInProgress',
  'Baking',
]);

/** What the first call loads: many run without AWS. */
interface Loaded {
  readonly sdk: typeof import('@aws-sdk/client-auto-scaling');
  readonly reading: AutoScalingClient;
  readonly changing: AutoScalingClient;
}

/** Creates a client of Auto Scaling. Connects to nothing and asks for no credentials before the first call. */
export function createAutoScaling(options: AutoScalingOptions): AutoScaling {
  const { timeoutMs, region, endpoint, credentials } = options;
  const given = {
    ...(region && { region }),
    ...(endpoint && { endpoint }),
    ...(credentials && { credentials }),
  };
  let loading: Promise<Loaded> | undefined;

  async function load(): Promise<Loaded> {
    const sdk = await import('@aws-sdk/client-auto-scaling');
    const reading = new sdk.AutoScalingClient({
      ...given,
      maxAttempts: 3,
      // Half of the whole, so that a lost answer leaves room to ask again.
      requestHandler: { requestTimeout: Math.ceil(timeoutMs / 2), throwOnRequestTimeout: true },
    });
    // One attempt, and a connection of its own: a reused one that the other side just closed would
    // turn a request that was never sent into one whose outcome is unknown.
    const changing = new sdk.AutoScalingClient({
      ...given,
      maxAttempts: 1,
      requestHandler: {
        requestTimeout: timeoutMs,
        throwOnRequestTimeout: true,
        httpAgent: { keepAlive: false },
        httpsAgent: { keepAlive: false },
      },
    });
    refuseForeignAnswers(reading);
    refuseForeignAnswers(changing);
    return { sdk, reading, changing };
  }

  let wasTold = false;

  function unseen(why: string, advice: string): InstanceRefresh {
    if (!wasTold) options.onUnseen?.({ why, advice });
    wasTold = true;
    return { kind: 'unseen', why, advice };
  }

  const through = createCircuit({ system: 'Auto Scaling' });

  async function call<T>(
    what: string,
    effect: 'read' | 'change',
    use: (loaded: Loaded, abortSignal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    return through(async () => {
      try {
        loading ??= load();
        // it takes a while, which is not the API's
        const loaded = await loading;
        return await withDeadline(timeoutMs, (abortSignal) => use(loaded, abortSignal));
      } catch (error) {
        throw awsError(error, { system: 'Auto Scaling', what, effect, needs: 'Auto Scaling' });
      }
    });
  }

  async function latestActivities(name: string) {
    const { Activities: latest = [] } = await call(
      `reading the scaling activities of group ${name}`,
      'read',
      ({ sdk, reading }, abortSignal) =>
        reading.send(
          new sdk.DescribeScalingActivitiesCommand({ AutoScalingGroupName: name, MaxRecords: 20 }),
          { abortSignal },
        ),
    );
    return latest;
  }

  return {
    check: () =>
      call('looking for groups', 'read', async ({ sdk, reading }, abortSignal) => {
        await reading.send(new sdk.DescribeAutoScalingGroupsCommand({ MaxRecords: 1 }), {
          abortSignal,
        });
        return { region: await reading.config.region() };
      }),

    async group(name) {
      checkName(name);
      const found = await call(
        `reading group ${name}`,
        'read',
        async ({ sdk, reading }, abortSignal) => {
          let token: string | undefined;
          do {
            const page: Page = await reading.send(
              new sdk.DescribeAutoScalingGroupsCommand({
                AutoScalingGroupNames: [name],
                ...(token && { NextToken: token }),
              }),
              { abortSignal },
            );
            const group = groupsOf(page).find((one) => one.AutoScalingGroupName === name);
            if (group !== undefined) return group;
            token = page.NextToken;
          } while (token);
          throw new TargetError('not_found', `Auto Scaling: there is no group named "${name}"`);
        },
      );
      return readGroup(name, found);
    },

    countGroups: () =>
      call('counting groups', 'read', async ({ sdk, reading }, abortSignal) => {
        let count = 0;
        let token: string | undefined;
        do {
          const page: Page = await reading.send(
            new sdk.DescribeAutoScalingGroupsCommand({
              MaxRecords: 100,
              ...(token && { NextToken: token }),
            }),
            { abortSignal },
          );
          count += groupsOf(page).length;
          token = page.NextToken;
        } while (token);
        return count;
      }),

    async setDesiredCapacity({ name, desired }) {
      checkName(name);
      if (!Number.isSafeInteger(desired) || desired < 0) {
        throw new TargetError('invalid', `group ${name} cannot be set to ${desired} instances`);
      }
      const input = { AutoScalingGroupName: name, DesiredCapacity: desired, HonorCooldown: false };
      await call(
        `setting group ${name} to ${desired}`,
        'change',
        ({ sdk, changing }, abortSignal) =>
          changing.send(new sdk.SetDesiredCapacityCommand(input), { abortSignal }),
      );
    },

    async terminateInstance(instanceId) {
      const input = { InstanceId: instanceId, ShouldDecrementDesiredCapacity: true };
      await call(`terminating instance ${instanceId}`, 'change', ({ sdk, changing }, abortSignal) =>
        changing.send(new sdk.TerminateInstanceInAutoScalingGroupCommand(input), {
          abortSignal,
        }),
      );
    },

    async instanceRefresh(name) {
      checkName(name);
      try {
        // The newest comes first and a group has one at a time, so that the first page tells.
        const { InstanceRefreshes: all = [] } = await call(
          `reading the instance refreshes of group ${name}`,
          'read',
          ({ sdk, reading }, abortSignal) =>
            reading.send(new sdk.DescribeInstanceRefreshesCommand({ AutoScalingGroupName: name }), {
              abortSignal,
            }),
        );
        return { kind: 'seen', isActive: all.some((one) => activeRefresh.has(one.Status ?? '')) };
      } catch (error) {
        if (isUnknownAction(error)) {
          return unseen(
            'this Auto Scaling does not have the call DescribeInstanceRefreshes',
            'look yourself that none is at work before the group is resized',
          );
        }
        if (!isDenied(error)) throw error;
        return unseen(
          'the credentials may not call DescribeInstanceRefreshes',
          'allow autoscaling:DescribeInstanceRefreshes on * in a policy of these credentials',
        );
      }
    },

    async trouble(name) {
      checkName(name);
      try {
        return troubleIn(await latestActivities(name));
      } catch (error) {
        if (isUnknownAction(error)) return null;
        throw error;
      }
    },

    async activities(name) {
      checkName(name);
      return (await latestActivities(name)).map(readActivity);
    },
  };
}

/** @throws an error where the answer holds no list: that is not the same as an empty one. */
function groupsOf({ AutoScalingGroups: groups }: Page) {
  if (groups === undefined) throw new Error('the answer holds no groups');
  return groups;
}

function checkName(name: string): void {
  if (isGroupName(name)) return;
  throw new TargetError(
    'invalid',
    `"${name}" cannot be the name of an Auto Scaling group: expected 1 to 255 characters without wildcards and colons`,
  );
}

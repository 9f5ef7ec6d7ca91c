import type { EC2Client } from '@aws-sdk/client-ec2';
import { createCircuit } from '../contract/circuit.js';
import { TargetError } from '../contract/target-error.js';
import { withDeadline } from '../contract/transport.js';
import { refuseForeignAnswers } from './answer.js';
import type { AutoScalingOptions } from './auto-scaling.js';
import { awsError } from './auto-scaling-error.js';

/** A machine as EC2 knows it. */
export interface Machine {
  /** Its private addresses. */
  readonly addresses: readonly string[];
  /** When it was last started, in milliseconds since the Unix epoch. */
  readonly launchedAtMs: number;
}

/** What is read of EC2. Every method throws `TargetError` and nothing else. */
export interface Ec2 {
  /** The machines of instances, by their ids. Who is not known to EC2 (any more) is left out. */
  machines(instanceIds: readonly string[]): Promise<ReadonlyMap<string, Machine>>;
}

/** How many values one filter takes. (API reference, DescribeInstances) */
const maxIds = 200;

/** Creates a client of EC2. The SDK's is large, and is loaded with the first call. */
export function createEc2(options: AutoScalingOptions): Ec2 {
  const { timeoutMs, region, endpoint, credentials } = options;
  const through = createCircuit({ system: 'EC2' });
  let client: EC2Client | undefined;

  async function machinesOf(
    { EC2Client, DescribeInstancesCommand }: typeof import('@aws-sdk/client-ec2'),
    ids: readonly string[],
    abortSignal: AbortSignal,
  ) {
    if (client === undefined) {
      client = new EC2Client({
        ...(region && { region }),
        ...(endpoint && { endpoint }),
        ...(credentials && { credentials }),
        maxAttempts: 3,
        // Half of the whole, so that a lost answer leaves room to ask again.
        requestHandler: { requestTimeout: Math.ceil(timeoutMs / 2), throwOnRequestTimeout: true },
      });
      refuseForeignAnswers(client);
    }
    const found = new Map<string, Machine>();
    let token: string | undefined;
    do {
      // by a filter, because one id that is not known would fail the whole call
      const page = await client.send(
        new DescribeInstancesCommand({
          Filters: [{ Name: 'instance-id', Values: [...ids] }],
          ...(token && { NextToken: token }),
        }),
        { abortSignal },
      );
      if (page.Reservations === undefined) throw new Error('the answer holds no reservations');
      for (const one of page.Reservations.flatMap(({ Instances = [] }) => Instances)) {
        if (one.InstanceId === undefined || one.LaunchTime === undefined) {
          throw new Error('the answer holds an instance without an id or its LaunchTime');
        }
        const others = (one.NetworkInterfaces ?? []).flatMap(({ PrivateIpAddresses = [] }) =>
          PrivateIpAddresses.map(({ PrivateIpAddress }) => PrivateIpAddress),
        );
        const all = [one.PrivateIpAddress, one.Ipv6Address, ...others];
        found.set(one.InstanceId, {
          addresses: [...new Set(all.filter((address) => address !== undefined))],
          launchedAtMs: one.LaunchTime.getTime(),
        });
      }
      token = page.NextToken;
    } while (token);
    return found;
  }

  return {
    async machines(instanceIds) {
      if (instanceIds.length === 0) return new Map();
      if (instanceIds.length > maxIds) {
        throw new TargetError('invalid', `EC2 is asked for at most ${maxIds} instances at a time`);
      }
      return through(async () => {
        try {
          // loading it takes a while, which is not the API's
          const sdk = await import('@aws-sdk/client-ec2');
          return await withDeadline(timeoutMs, (signal) => machinesOf(sdk, instanceIds, signal));
        } catch (error) {
          throw awsError(error, {
            system: 'EC2',
            what: 'reading the addresses of instances',
            effect: 'read',
            needs: 'ec2:DescribeInstances',
          });
        }
      });
    },
  };
}

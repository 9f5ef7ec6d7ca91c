import { messageOf } from '../../lib/errors.js';
import { type Finding, note, ok, warning, wrong } from '../../lib/finding.js';
import type { Environment } from '../contract/settings.js';
import { TargetError } from '../contract/target-error.js';
import { type AutoScaling, createAutoScaling } from './auto-scaling.js';
import { isDenied } from './auto-scaling-error.js';
import { findProfileRegion } from './region.js';

/** Looks at Auto Scaling: credentials, permissions, and the group of the worker nodes. */
export async function examineAws(options: {
  /** `undefined`: that of the profile, if there is one. */
  readonly region: string | undefined;
  readonly endpoint: string | undefined;
  /** The empty string: none is named. */
  readonly workerAsg: string;
  readonly timeoutMs: number;
  readonly env: Environment;
}): Promise<readonly Finding[]> {
  const { workerAsg, endpoint, timeoutMs, env } = options;
  const region = options.region ?? (await findProfileRegion(env));
  if (region === undefined) return [withoutRegion(workerAsg)];
  const autoScaling = createAutoScaling({ region, endpoint, timeoutMs });
  try {
    await autoScaling.check();
  } catch (error) {
    return [refusal('DescribeAutoScalingGroups', error)];
  }
  const found = ok(`Auto Scaling in ${region}: credentials found, groups may be read`);
  if (workerAsg === '') {
    return [
      found,
      note('JIDOKA_WORKER_ASG is not set: only alerts with the label asg name a group'),
      untried,
    ];
  }
  return [found, ...(await examineGroup(autoScaling, workerAsg)), untried];
}

/** A call that AWS refuses before it looks at the caller's permissions would prove nothing. */
const untried = note(
  'autoscaling:SetDesiredCapacity was not tried: no call of it is certain to change nothing',
);

function withoutRegion(workerAsg: string): Finding {
  if (workerAsg === '')
    return note('not configured: AWS_REGION is not set, and no profile gives a region');
  return wrong(
    `JIDOKA_WORKER_ASG names ${workerAsg}, but AWS_REGION is not set, and no profile gives a region`,
    'the group can neither be read nor resized',
    'set AWS_REGION to the region of the group, or AWS_PROFILE to a profile with a region',
  );
}

async function examineGroup(autoScaling: AutoScaling, name: string): Promise<Finding[]> {
  const [group, refreshing, trouble] = await Promise.allSettled([
    autoScaling.group(name),
    autoScaling.instanceRefresh(name),
    autoScaling.trouble(name),
  ]);
  if (group.status === 'rejected') return [missingGroup(group.reason)];
  const { min, max, desired, inService, suspended, deleting, countsInstances } = group.value;
  const findings = [
    ok(`group ${name}: ${desired} wanted, ${inService} in service, bounds ${min} to ${max}`),
  ];
  const stopped = suspended.filter((one) => one === 'Launch' || one === 'Terminate');
  if (stopped.length > 0) {
    findings.push(
      warning(
        `group ${name} has suspended ${stopped.join(' and ')}`,
        'AWS takes a new size and then does not start or end instances',
        `aws autoscaling resume-processes --auto-scaling-group-name ${name}`,
      ),
    );
  }
  if (deleting || !countsInstances) {
    findings.push(
      wrong(
        deleting ? `group ${name} is being deleted` : `group ${name} does not count instances`,
        'asg.resize refuses it',
        'name another group in JIDOKA_WORKER_ASG',
      ),
    );
  }
  if (refreshing.status === 'rejected') {
    findings.push(refusal('DescribeInstanceRefreshes', refreshing.reason));
  } else if (refreshing.value.kind === 'unseen') {
    findings.push(
      warning(
        `instance refreshes of ${name} cannot be seen: ${refreshing.value.why}`,
        'the group is resized all the same, also while one is at work',
        refreshing.value.advice,
      ),
    );
  } else if (refreshing.value.isActive) {
    findings.push(
      note(`an instance refresh of ${name} is at work: until it ends, nothing is resized`),
    );
  }
  if (trouble.status === 'rejected') {
    findings.push(
      warning(
        messageOf(trouble.reason),
        'where instances do not come, the report does not say why',
        adviceFor('DescribeScalingActivities', trouble.reason),
      ),
    );
  }
  return findings;
}

function missingGroup(error: unknown): Finding {
  if (!(error instanceof TargetError) || error.kind !== 'not_found') {
    return refusal('DescribeAutoScalingGroups', error);
  }
  return wrong(
    messageOf(error),
    'alerts about nodes go to a person',
    'check JIDOKA_WORKER_ASG, AWS_REGION and which account the credentials belong to',
  );
}

/** What AWS said names the permission that is missing. */
function refusal(action: string, error: unknown): Finding {
  return wrong(
    messageOf(error),
    'groups can neither be read nor resized; alerts about them go to a person',
    adviceFor(action, error),
  );
}

function adviceFor(action: string, error: unknown): string {
  const cause = error instanceof TargetError ? error.cause : undefined;
  const name = cause instanceof Error ? cause.name : '';
  if (isDenied(error)) return `allow autoscaling:${action} on * in a policy of these credentials`;
  if (name === 'CredentialsProviderError') {
    return 'give credentials: a role of the machine, AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY';
  }
  return 'check AWS_REGION, AWS_ENDPOINT_URL and the credentials (aws sts get-caller-identity)';
}

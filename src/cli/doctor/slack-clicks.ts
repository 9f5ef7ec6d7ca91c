import { messageOf } from '../../lib/errors.js';
import { type Finding, ok, warning, wrong } from '../../lib/finding.js';
import type { Approvers } from '../../playbook/approvers.js';
import { checkSocketMode } from '../../slack/people.js';

/** Looks at what is needed for buttons to work, and at who may click them. */
export async function examineClicks(options: {
  readonly signingSecret: string | undefined;
  readonly appToken: string | undefined;
  readonly approvers: Approvers | undefined;
  readonly apiUrl: string | undefined;
  readonly timeoutMs: number;
}): Promise<readonly Finding[]> {
  const { signingSecret, appToken, approvers } = options;
  const isDeaf = signingSecret === undefined && appToken === undefined;
  return [
    ...(isDeaf ? [withoutEither] : []),
    ...(appToken === undefined ? [] : [await examineSocket({ ...options, appToken })]),
    ...(isDeaf || approvers !== undefined ? [] : [withoutApprovers]),
  ];
}

async function examineSocket(options: {
  readonly appToken: string;
  readonly apiUrl: string | undefined;
  readonly timeoutMs: number;
}): Promise<Finding> {
  try {
    await checkSocketMode(options);
    return ok('Slack lets the app in over Socket Mode');
  } catch (error) {
    return wrong(
      messageOf(error),
      'clicks on buttons do not arrive over the socket',
      'check SLACK_APP_TOKEN (it begins with xapp-, and has the scope connections:write), and that Socket Mode is on',
    );
  }
}

const withoutEither = warning(
  'neither SLACK_SIGNING_SECRET nor SLACK_APP_TOKEN is set',
  'clicks on buttons do not arrive, or Jidoka refuses them, because it cannot verify the sender',
  'set the Signing Secret under Basic Information of the app, or an app-level token for Socket Mode',
);

const withoutApprovers = warning(
  'no approvers are named in the policy',
  'everybody in the workspace who sees a message may decide, unless its playbook names approvers',
  'name users or groups under approvers in policy.yaml (docs/how-to/slack.md)',
);

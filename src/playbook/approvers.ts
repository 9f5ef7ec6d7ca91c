import { z } from 'zod';

/** Those who may decide in Slack: everybody else is refused. */
export interface Approvers {
  /** Users of the app's own workspace (`U123`), and of others with their workspace (`T123/U456`). */
  readonly users: readonly string[];
  /** User groups of the app's own workspace (`S123`). */
  readonly groups: readonly string[];
}

/** Slack's ids of a user, with the workspace before it where that is another one. */
const userIdPattern = /^([TE][A-Z0-9]{2,20}\/)?[UW][A-Z0-9]{2,20}$/;
/** Slack's id of a user group. */
const groupIdPattern = /^S[A-Z0-9]{2,20}$/;

const userField = z
  .string()
  .regex(
    userIdPattern,
    'expected the member ID of a user, such as U0123ABCD, or T0123ABCD/U0456EFGH for one of another workspace',
  );

const groupField = z
  .string()
  .regex(groupIdPattern, 'expected the ID of a user group, such as S0123ABCD');

/** `approvers:` in the policy and in a playbook. An empty list is an error: it would lock everybody out unsaid. */
export const approversField = z
  .strictObject({
    users: z.array(userField).default([]).describe('Member IDs of users.'),
    groups: z.array(groupField).default([]).describe('IDs of user groups.'),
  })
  .refine(({ users, groups }: Approvers) => users.length + groups.length > 0, {
    error: 'expected at least one user or group; omit approvers to let everyone decide',
  })
  .meta({ minProperties: 1 })
  .optional();

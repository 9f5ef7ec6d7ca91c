import { z } from 'zod';
import { type Approvers, groupIdPattern, userIdPattern } from '../escalation/approvers.js';

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
    error: 'expected at least one user or group; leave approvers out where everybody may decide',
  })
  .meta({ minProperties: 1 })
  .optional();

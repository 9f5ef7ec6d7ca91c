import type { ModalView } from '@slack/web-api';
import { createSlackCaller, type SlackOptions } from './client.js';
import type { Form } from './form.js';

/** Slack's Web API as far as it knows people. Every method throws SlackError and tries once. */
export interface SlackPeople {
  /** The id of the workspace that the app is installed in. */
  team(): Promise<string>;
  /** The ids of the users in a user group that is in use. Needs the scope `usergroups:read`. */
  members(groupId: string): Promise<readonly string[]>;
  /** Opens a modal before the person whose click the trigger is of, within 3 s of it. */
  openForm(triggerId: string, form: Form): Promise<void>;
}

export function createSlackPeople(options: SlackOptions): SlackPeople {
  const call = createSlackCaller(options);
  return {
    team: () =>
      call('auth.test', async (client) => {
        const { team_id } = await client.auth.test();
        if (team_id === undefined) throw new Error('the answer has no team_id');
        return team_id;
      }),
    members: (groupId) =>
      call(`usergroups.users.list of ${groupId}`, async (client) => {
        const { users } = await client.usergroups.users.list({ usergroup: groupId });
        if (users === undefined) throw new Error('the answer has no users');
        return users;
      }),
    openForm: (triggerId, form) =>
      call('views.open', async (client) => {
        await client.views.open({ trigger_id: triggerId, view: form as unknown as ModalView });
      }),
  };
}

/**
 * Asks Slack for an address of the socket, and leaves it unused.
 *
 * @throws SlackError where the app-level token is not good for it.
 */
export async function checkSocketMode({
  appToken,
  ...options
}: Omit<SlackOptions, 'botToken'> & { readonly appToken: string }): Promise<void> {
  const call = createSlackCaller({ ...options, botToken: appToken });
  await call('apps.connections.open', (client) => client.apps.connections.open({}));
}

import { SlackError } from './slack-error.js';

/** A user group of the simulated workspace. */
export interface SlackGroup {
  readonly id: string;
  /** Ids of users. */
  readonly users: readonly string[];
  /** A group that is switched off is listed only where that is asked for. */
  readonly disabled?: boolean;
}

/** `usergroups.users.list` over these groups, which may change meanwhile. */
export function createUserGroups(groups: readonly SlackGroup[]) {
  return ({ usergroup, include_disabled }: Readonly<Record<string, unknown>>) => {
    if (typeof usergroup !== 'string' || usergroup === '') {
      throw new SlackError('invalid_arguments', ['[ERROR] missing required field: usergroup']);
    }
    const group = groups.find(({ id }) => id === usergroup);
    if (group === undefined) throw new SlackError('no_such_subteam');
    const isShown = group.disabled !== true || String(include_disabled) === 'true';
    return { users: isShown ? group.users : [] };
  };
}

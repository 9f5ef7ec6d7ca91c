/** Those who may decide in Slack: everybody else is refused. */
export interface Approvers {
  /** Users of the app's own workspace (`U123`), and of others with their workspace (`T123/U456`). */
  readonly users: readonly string[];
  /** User groups of the app's own workspace (`S123`). */
  readonly groups: readonly string[];
}

/** Slack's ids of a user, with the workspace before it where that is another one. */
export const userIdPattern = /^([TE][A-Z0-9]{2,20}\/)?[UW][A-Z0-9]{2,20}$/;

/** Slack's id of a user group. */
export const groupIdPattern = /^S[A-Z0-9]{2,20}$/;

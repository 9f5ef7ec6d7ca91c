/** An error of the simulated Slack: its code, and where blocks are at fault what is wrong with them. */
export class SlackError extends Error {
  override readonly name = 'SlackError';

  constructor(
    readonly code: string,
    readonly problems: readonly string[] = [],
  ) {
    super([code, ...problems].join('; '));
  }
}

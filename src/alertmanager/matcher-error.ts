/** A text that holds no matchers as Alertmanager writes them. The message says what was expected. */
export class MatcherError extends Error {
  override readonly name = 'MatcherError';

  constructor(
    message: string,
    /** Where in the text the fault is: an index into the string, from 0. */
    readonly offset: number,
  ) {
    super(message);
  }
}

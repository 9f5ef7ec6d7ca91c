/** An expression that cannot be compiled. The message says what is wrong and what was expected. */
export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';

  constructor(
    message: string,
    /** Where in the text the fault is: an index into the string, from 0. */
    readonly offset: number,
  ) {
    super(message);
  }
}

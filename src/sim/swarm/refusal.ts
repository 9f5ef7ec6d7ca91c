/** The simulated engine says no: the HTTP status and the text of the Engine API's `message`. */
export class EngineRefusal extends Error {
  override readonly name = 'EngineRefusal';

  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** What a button of a message says when it is clicked. */
export interface ClickedChoice {
  readonly escalationId: string;
  readonly choiceId: string;
}

/** Both ids are short and opaque; anything else is not one of ours. */
const pattern = /^([A-Za-z0-9_-]{1,64}):([A-Za-z0-9_-]{1,64})$/;

/**
 * The value of a button: two opaque ids and nothing else, because anyone who sends a click chooses what
 * stands in it. What the choice does is read from the ledger.
 *
 * @throws RangeError for an id that could not be read back.
 */
export function clickValue(escalationId: string, choiceId: string): string {
  const value = `${escalationId}:${choiceId}`;
  if (pattern.test(value)) return value;
  throw new RangeError(`expected ids of letters, digits, "_" and "-", got "${value}"`);
}

/** Reads the value of a clicked button; `null` when it is not one of ours. */
export function parseClick(value: string): ClickedChoice | null {
  const [, escalationId, choiceId] = pattern.exec(value) ?? [];
  return escalationId === undefined || choiceId === undefined ? null : { escalationId, choiceId };
}

/** A field that is not as Alertmanager writes it, and was taken all the same. */
export interface OddField {
  /** Its name, from a closed list: it becomes a metric's label. */
  readonly field: string;
  /** The place, what was expected, what was found, and how it was read. */
  readonly message: string;
}

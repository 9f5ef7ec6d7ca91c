/** Something that is not as it was expected. */
export interface Difference {
  /** Where it is expected, as the path inside its test. */
  readonly place: readonly PropertyKey[];
  readonly afterMs: number;
  readonly what: string;
  /** What was expected (`- …`), what was (`+ …`), and what is right (`  …`). */
  readonly lines: readonly string[];
}

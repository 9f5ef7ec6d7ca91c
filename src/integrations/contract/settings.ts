/** Reads settings from the environment of the engine. */
export interface SettingsReader {
  /** Returns the value of a variable; one that is empty counts as not set. */
  text(name: string): string | undefined;
  /** Returns a secret, which may also be in a file that `NAME_FILE` names. */
  secret(name: string): string | undefined;
  /** The variables that are set, each without the ending `_FILE`. */
  readonly names: readonly string[];
  /** Says what is wrong with a variable: its name first, then what was expected. The engine does not start then. */
  fault(text: string): void;
}

/** Environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

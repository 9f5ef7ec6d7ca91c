/** A playbook that was drafted from what a person did, with its tests, not yet in use. */
export interface SuggestionDraft {
  readonly name: string;
  /** Paths relative to the folder of the playbooks. */
  readonly file: string;
  readonly text: string;
  readonly testFile: string;
  readonly testText: string;
  /** How it was made: labels that were left out, and why. */
  readonly notes: readonly string[];
  /** What keeps it from taking effect, or from passing its own tests. */
  readonly warnings: readonly string[];
  /** What it would have done with what was received, in sentences; `null` while that is worked out. */
  readonly trial: string | null;
}

/** What an escalation of the kind `lesson` offers: to make a playbook of what a person did. */
export interface PlaybookSuggestion {
  /** The run by which the person's choice helped. */
  readonly runId: string;
  /** The question that the choice answered. */
  readonly questionId: string;
  /** `null` until a person asks for it. */
  readonly draft: SuggestionDraft | null;
  /** The file that it was written to; `null`: it is in no folder yet. */
  readonly written: string | null;
  /** Why the last try to write it failed; `null`: none did. */
  readonly fault: string | null;
}

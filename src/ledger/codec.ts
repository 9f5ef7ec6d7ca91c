/** How long ended records are kept. */
export const retentionMs = 30 * 24 * 3_600_000;

/** How records are kept in a store: as texts, as far as its commands are concerned. */
export interface RecordForm {
  write(record: object): string;
  read<T>(stored: string): T;
  /** For how long what is over is kept if the engine itself never asks for it again. */
  readonly forPeopleMs: number;
  /** Whether what came of alerts and runs is counted for people, too. */
  readonly counts: boolean;
  /** For how long an ended run is kept; an alert of it may go on firing. */
  readonly endedRunMs: number;
}

/** How they lie in Redis. */
export const json: RecordForm = {
  write: JSON.stringify,
  read: JSON.parse,
  forPeopleMs: retentionMs,
  endedRunMs: retentionMs,
  counts: true,
};

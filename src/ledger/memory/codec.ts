import type { RecordForm } from '../codec.js';

/**
 * Records as they lie in memory: as they are, since no one ever changes one, so that they are neither
 * written out nor read in again each time. To the store they are values that it hands back. Episodes
 * and runs that are over stay for a long time, and are texts, which take less room.
 */
export const asTheyAre: RecordForm = {
  write: (record) => (isOver(record) ? JSON.stringify(record) : (record as unknown as string)),
  read: <T>(stored: string): T =>
    typeof stored === 'string' ? (JSON.parse(stored) as T) : (stored as T),
  forPeopleMs: 3_600_000,
  endedRunMs: 2 * 24 * 3_600_000,
  counts: false,
};

function isOver({ state }: { readonly state?: unknown }): boolean {
  return state === 'closed' || state === 'ended';
}

import { readScheduleItem, type ScheduleItem } from '../ledger/schedule-item.js';

/** Returns the queue whose workers handle an item of the schedule: the messenger's, those that gather evidence, or the engine's. */
export function queueOf(item: ScheduleItem): 'work' | 'messages' | 'evidence' {
  const { kind } = readScheduleItem(item);
  if (kind === 'evidence') return 'evidence';
  return kind === 'message' || kind === 'thread' ? 'messages' : 'work';
}

import { readScheduleItem, type ScheduleItem } from '../ledger/schedule-item.js';

/** Returns the queue whose worker handles an item of the schedule: the messenger's or the engine's. */
export function queueOf(item: ScheduleItem): 'work' | 'messages' {
  const { kind } = readScheduleItem(item);
  return kind === 'message' || kind === 'thread' ? 'messages' : 'work';
}

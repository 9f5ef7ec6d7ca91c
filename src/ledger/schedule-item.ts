/** What the schedule can hold. */
const scheduleKinds = [
  'run',
  'episode',
  'case',
  'expiry',
  'reminder',
  'silence',
  'message',
  'thread',
  'evidence',
] as const;

export type ScheduleKind = (typeof scheduleKinds)[number];

/** An item of the schedule, as it is stored: its kind, and the id of the record to look at. */
export type ScheduleItem = `${ScheduleKind}:${string}`;

/** Has an item of the schedule looked at when it is due. A wake that gets lost is found by the sweep. */
export type Wake = (item: ScheduleItem, atMs: number) => Promise<void>;

export function scheduleItem(kind: ScheduleKind, id: string): ScheduleItem {
  return `${kind}:${id}`;
}

/** Whether this version knows the item. A newer version may put others on the schedule. */
export function isScheduleItem(text: string): text is ScheduleItem {
  return (scheduleKinds as readonly string[]).includes(text.slice(0, text.indexOf(':')));
}

/** Takes an item apart. */
export function readScheduleItem(item: ScheduleItem): {
  readonly kind: ScheduleKind;
  readonly id: string;
} {
  const colon = item.indexOf(':');
  return { kind: item.slice(0, colon) as ScheduleKind, id: item.slice(colon + 1) };
}

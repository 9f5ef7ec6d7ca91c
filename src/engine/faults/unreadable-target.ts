import type { UnreadableTarget } from '../../integrations/contract/connected.js';
import type { EngineContext } from '../context/context.js';
import { faultSubject, reportFault } from './report-fault.js';

/** Reports what cannot be read of a target, once while the report is open, whatever brings it up. */
export async function reportUnreadable(
  context: EngineContext,
  { target, title, detail }: UnreadableTarget,
): Promise<void> {
  await reportFault(context, 'labels_unreadable', title, detail, aboutTarget(target.id));
}

/** Reports what is wrong with the monitoring of a target, once while the report is open. It stops nothing else. */
export async function reportInvalidMonitoring(
  context: EngineContext,
  { target, title, detail }: UnreadableTarget,
): Promise<void> {
  await reportFault(context, 'labels_unreadable', title, detail, ['monitoring', target.id]);
}

/** The subject of all reports of what cannot be read of a target. */
export function unreadableSubject(targetId: string): string {
  return faultSubject(aboutTarget(targetId));
}

function aboutTarget(targetId: string): readonly string[] {
  return ['labels_unreadable', targetId];
}

import type { Escalation } from '../../ledger/escalation.js';
import type { Logger } from '../../lib/logger.js';

/** The line in the log by which an operator learns of an escalation without Slack. No values of alerts but those that name it. */
export function logEscalation(log: Logger, { id, kind, title, reason }: Escalation): void {
  const about = { escalation: id, title, reason, path: `/api/v1/escalations/${id}` };
  if (kind === 'lesson') log.info(about, 'playbook suggested');
  else log.warn(about, 'escalation opened');
}

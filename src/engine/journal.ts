import type { Escalation } from '../ledger/escalation.js';
import type { Logger } from '../logger.js';

/** The line in the log by which an operator learns of an escalation without Slack. No values of alerts but those that name it. */
export function logEscalation(log: Logger, { id, title, reason }: Escalation): void {
  log.warn(
    { escalation: id, title, reason, path: `/api/v1/escalations/${id}` },
    'a person is needed',
  );
}

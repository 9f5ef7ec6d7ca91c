import type { Config } from '../../app/config.js';
import { auditConnection } from '../../app/connections.js';
import { type Finding, note, ok } from '../../lib/finding.js';

/** Says whether the audit trail is sealed. */
export function examineAudit(config: Pick<Config, 'auditKeys'>): readonly Finding[] {
  const { state, detail } = auditConnection(config);
  return [state === 'loaded' ? ok(detail) : note(detail)];
}

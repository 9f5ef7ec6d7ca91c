import { userInfo } from 'node:os';
import { UsageError } from '../usage-error.js';

/**
 * Who sits here, for the audit trail: `--by`, else JIDOKA_USER, else the login name.
 *
 * @throws UsageError where the system has no name for this user, as in many containers.
 */
export function operatorOf(by: string | undefined, env: NodeJS.ProcessEnv): string {
  try {
    return by || env.JIDOKA_USER || env.SUDO_USER || env.USER || userInfo().username;
  } catch {
    throw new UsageError(
      '--by: expected a name, because this user has no login name; or set JIDOKA_USER',
    );
  }
}

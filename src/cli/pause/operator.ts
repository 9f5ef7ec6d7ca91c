import { userInfo } from 'node:os';
import { UsageError } from '../command.js';

/**
 * Who sits here, for the audit trail: what `--by` says, else the name that they are logged in by.
 *
 * @throws UsageError where the system has no name for this user, as in many containers.
 */
export function operatorOf(by: string | undefined, env: NodeJS.ProcessEnv): string {
  try {
    return by || env.SUDO_USER || env.USER || userInfo().username;
  } catch {
    throw new UsageError('expected --by NAME: this user has no name here');
  }
}

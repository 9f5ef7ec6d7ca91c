import { messageOf } from '../../lib/errors.js';
import { adminTokenPath, makeAdminToken } from '../../local/admin-token.js';

/**
 * The environment with an admin token: its own, else the one in this user's file, which is made where it
 * is missing. Where it cannot be made the environment stays as it is: alerts are taken all the same.
 *
 * @param say tells a person, in one line
 */
export function withAdminToken(
  env: NodeJS.ProcessEnv,
  say: (line: string) => void,
): NodeJS.ProcessEnv {
  if (env.JIDOKA_ADMIN_TOKEN || env.JIDOKA_ADMIN_TOKEN_FILE) return env;
  const path = adminTokenPath(env);
  try {
    if (makeAdminToken(path)) {
      say(
        `made an admin token in ${path}; it signs people in to the console, and commands read it`,
      );
    }
    return { ...env, JIDOKA_ADMIN_TOKEN_FILE: path };
  } catch (error) {
    say(
      `no admin token could be made: ${messageOf(error)}; set JIDOKA_ADMIN_TOKEN, or HOME to a folder that can be written`,
    );
    return env;
  }
}

import { readConfig } from '../app/config.js';
import { isLoopback } from '../lib/http/loopback.js';
import { adminTokenPath, readAdminToken } from '../local/admin-token.js';
import { defaultEngineUrl } from './engine-client.js';

/**
 * The admin token for a running engine: what the environment says, else on this machine what `npm start`
 * made for this user. No other machine ever gets that one.
 *
 * @param url where the engine is; left out, where this environment would start it
 */
export function adminTokenFor(url: string | undefined, env: NodeJS.ProcessEnv): string | undefined {
  const { adminToken } = readConfig(env);
  if (adminToken !== undefined) return adminToken;
  const address = url ?? defaultEngineUrl(env);
  const isHere = URL.canParse(address) && isLoopback(new URL(address).hostname);
  return isHere ? readAdminToken(adminTokenPath(env)) : undefined;
}

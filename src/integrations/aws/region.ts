import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '../contract/settings.js';

/**
 * Finds the region that the AWS SDK works in where no variable names one: that of a profile in its
 * files. The SDK is large, and is asked only where there is such a file or a profile is named.
 *
 * @param env what the SDK reads itself: `process.env`, save in tests of when it is asked
 * @returns `undefined` where none is given
 */
export async function findProfileRegion(env: Environment): Promise<string | undefined> {
  if (!(await mayHaveProfile(env))) return undefined;
  const { AutoScalingClient } = await import('@aws-sdk/client-auto-scaling');
  const client = new AutoScalingClient({});
  try {
    return await client.config.region();
  } catch {
    // "Region is missing": of a profile that is not there, too
    return undefined;
  } finally {
    client.destroy();
  }
}

async function mayHaveProfile(env: Environment): Promise<boolean> {
  if (env.AWS_PROFILE || env.AWS_CONFIG_FILE || env.AWS_SHARED_CREDENTIALS_FILE) return true;
  const files = ['config', 'credentials'].map((name) => join(env.HOME || homedir(), '.aws', name));
  const looks = await Promise.allSettled(files.map((file) => access(file)));
  return looks.some(({ status }) => status === 'fulfilled');
}

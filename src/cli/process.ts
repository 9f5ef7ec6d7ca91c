import { endReads } from '../lib/hanging.js';
import { runCommandLine } from './run.js';

/** Runs the command line of this process, and ends it with the exit code. */
export async function runProcess(): Promise<never> {
  // which Node runs here is checked at the start; the AWS SDK's own notice about it is noise
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  const code = await runCommandLine(process.argv);
  await endReads();
  // whatever still waits for a Redis that is away must not keep the process
  process.exit(code);
}

#!/usr/bin/env node
import { demo } from './cli/demo/demo.js';
import { serve } from './cli/serve.js';

const usage = `usage: jidoka <command>

  serve   run the engine; it is configured by environment variables (see the README)
  demo    show the whole loop in about a minute, on simulated targets
`;

// Which Node runs here is checked at the start; the AWS SDK's own notice about it is noise.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const [command, ...rest] = process.argv.slice(2);
// Whatever still waits for a Redis that is away must not keep the process.
process.exit(await run());

async function run(): Promise<number> {
  if (command === 'serve' && rest.length === 0) return serve(process.env);
  if (command === 'demo' && rest.length === 0) return demo();
  if (command === '--help' || command === '-h') {
    process.stdout.write(usage);
    return 0;
  }
  process.stderr.write(usage);
  return 2;
}

#!/usr/bin/env node
import { runCommandLine } from './cli/run.js';
import { endReads } from './lib/hanging.js';

// Which Node runs here is checked at the start; the AWS SDK's own notice about it is noise.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const code = await runCommandLine(process.argv);
await endReads();
// Whatever still waits for a Redis that is away must not keep the process.
process.exit(code);

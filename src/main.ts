#!/usr/bin/env node
import { keepHeapsSmall } from './heaps.js';
import { nearestWord } from './playbook/problem.js';

type Args = readonly string[];

/** What `jidoka` can do; each command is loaded only when it is called. */
const commands: Readonly<
  Record<string, { readonly does: string; readonly run: (args: Args) => Promise<number> }>
> = {
  serve: {
    does: 'run the engine; it is configured by environment variables (see the README)',
    run: async (args) => {
      // until it has started
      keepHeapsSmall();
      return (await import('./cli/serve.js')).serve(args, process.env);
    },
  },
  demo: {
    does: 'show the whole loop in about a minute, on simulated targets',
    run: async (args) => (await import('./cli/demo/demo.js')).demo(args),
  },
  check: {
    does: 'find what is wrong with playbooks; needs no Redis and no network',
    run: async (args) => (await import('./cli/check/check.js')).check(args, process.env),
  },
  test: {
    does: 'run tests of playbooks on a virtual clock; needs no Redis and no network',
    run: async (args) => (await import('./cli/test/test.js')).test(args, process.env),
  },
  backtest: {
    does: 'show what playbooks would have done with what was received',
    run: async (args) => (await import('./cli/backtest.js')).backtest(args, process.env),
  },
  doctor: {
    does: 'try every connection and permission, and say how to mend what is wrong',
    run: async (args) => (await import('./cli/doctor.js')).doctor(args, process.env),
  },
  explain: {
    does: 'say what would be done about an alert, and why (not)',
    run: async (args) => (await import('./cli/explain.js')).explain(args, process.env),
  },
  fire: {
    does: 'send a made-up alert to a running engine',
    run: async (args) => (await import('./cli/fire.js')).fire(args, process.env),
  },
  status: {
    does: 'show what a running engine does, and what waits for a person',
    run: async (args) => (await import('./cli/status.js')).status(args, process.env),
  },
  report: {
    does: 'show what became of the alerts of some days, and what the machine saved',
    run: async (args) => (await import('./cli/report.js')).report(args, process.env),
  },
  learn: {
    does: 'make a playbook of what a person did, after it helped',
    run: async (args) => (await import('./cli/learn.js')).learn(args, process.env),
  },
  pause: {
    does: 'halt a running engine, or a part of what it does',
    run: async (args) => (await import('./cli/pause.js')).pause(args, process.env),
  },
  resume: {
    does: 'lift a pause',
    run: async (args) => (await import('./cli/resume.js')).resume(args, process.env),
  },
  audit: {
    does: 'verify the audit trail, or export it (see docs/audit.md)',
    run: async (args) => (await import('./cli/audit.js')).audit(args, process.env),
  },
  restored: {
    does: 'say that Redis was restored from a backup: everything automatic is paused',
    run: async (args) => (await import('./cli/restored.js')).restored(args, process.env),
  },
};

const width = Math.max(...Object.keys(commands).map((name) => name.length));
const usage = `usage: jidoka <command>

${Object.entries(commands)
  .map(([name, { does }]) => `  ${name.padEnd(width)}   ${does}\n`)
  .join('')}
jidoka <command> --help says more of one.
`;

// Which Node runs here is checked at the start; the AWS SDK's own notice about it is noise.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const [name = '', ...rest] = process.argv.slice(2);
// Whatever still waits for a Redis that is away must not keep the process.
process.exit(await run());

async function run(): Promise<number> {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command !== undefined) return command.run(rest);
  if (name === '--help' || name === '-h') {
    process.stdout.write(usage);
    return 0;
  }
  const nearest = nearestWord(name, Object.keys(commands));
  const advice = nearest === undefined ? '' : `; did you mean "${nearest}"?`;
  const fault = name === '' ? '' : `jidoka: there is no command "${name}"${advice}\n\n`;
  process.stderr.write(`${fault}${usage}`);
  return 2;
}

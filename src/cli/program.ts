import { Command } from '@commander-js/extra-typings';
import { ownVersion } from '../lib/version.js';
import { visible } from '../lib/visible.js';
import { commandsBelow } from './command-tree.js';
import { answerCommands } from './commands/answer.js';
import { auditCommand } from './commands/audit.js';
import { backtestCommand } from './commands/backtest.js';
import { cancelCommand } from './commands/cancel.js';
import { checkCommand } from './commands/check.js';
import { completionCommand } from './commands/completion.js';
import { demoCommand } from './commands/demo.js';
import { doctorCommand } from './commands/doctor.js';
import { evidenceCommand } from './commands/evidence.js';
import { explainCommand } from './commands/explain.js';
import { fireCommand } from './commands/fire.js';
import { importCommand } from './commands/import.js';
import { learnCommand } from './commands/learn.js';
import { pauseCommand } from './commands/pause.js';
import { prometheusCommand } from './commands/prometheus.js';
import { recordsCommands } from './commands/records.js';
import { reportCommand } from './commands/report.js';
import { restoredCommand } from './commands/restored.js';
import { resumeCommand } from './commands/resume.js';
import { runCommand } from './commands/run.js';
import { serveCommand } from './commands/serve.js';
import { servicesCommand } from './commands/services.js';
import { statusCommand } from './commands/status.js';
import { testCommand } from './commands/test.js';

/** The command line as a tree: definitions only. A command loads what it runs when it is called. */
export function createProgram(): Command {
  const program = new Command('jidoka')
    .description('Alert-driven remediation for Docker Swarm and AWS Auto Scaling.')
    .version(ownVersion(), '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show this help')
    .commandsGroup('Other:')
    .helpCommand('help [command]', 'show the help of a command')
    .showHelpAfterError("Run 'jidoka --help'.")
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .addHelpText('after', exitCodes);
  const groups = {
    'Engine:': [serveCommand(), demoCommand(), doctorCommand(), statusCommand(), reportCommand()],
    'Playbooks:': [
      ...[checkCommand(), testCommand(), backtestCommand(), learnCommand()],
      importCommand(),
    ],
    'Alerts:': [...recordsCommands(), evidenceCommand(), explainCommand(), fireCommand()],
    'Control:': [
      ...answerCommands(),
      runCommand(),
      cancelCommand(),
      pauseCommand(),
      resumeCommand(),
    ],
    'Monitoring:': [servicesCommand(), prometheusCommand()],
    'Audit and recovery:': [auditCommand(), restoredCommand()],
    'Other:': [completionCommand()],
  };
  for (const [heading, commands] of Object.entries(groups)) {
    for (const command of commands) program.addCommand(command.helpGroup(heading));
  }
  for (const command of commandsBelow(program)) {
    // a command throws instead of ending the process
    command.exitOverride().configureOutput({
      outputError: (text, say) =>
        say(`jidoka: ${visible(text.replace(/^error: /, '').replace(/\n\(Did/, ' (did'), '\n')}`),
    });
  }
  return program;
}

const exitCodes = `
Exit codes:
  0  success
  1  failure, or a finding (an error in a playbook, a failed test)
  2  usage error: unknown command or option, bad value, missing path`;

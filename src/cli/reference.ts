import { commandsBelow, fullNameOf } from './command-tree.js';
import { createProgram } from './program.js';

/** The help of every command, as Markdown for the reference. */
export function commandLineReference(): string {
  return commandsBelow(createProgram())
    .map((command) => {
      let help = '';
      command.configureOutput({ writeOut: (text) => (help += text), getOutHelpWidth: () => 80 });
      command.outputHelp();
      return `## ${fullNameOf(command)}\n\n\`\`\`text\n${help.trimEnd()}\n\`\`\``;
    })
    .join('\n\n');
}
